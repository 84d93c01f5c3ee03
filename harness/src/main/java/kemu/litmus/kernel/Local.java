package kemu.litmus.kernel;

import java.util.function.Consumer;
import kemu.hw.cpu.Cpu;

/**
 * What a process has to itself while it is executed: its CPU and its local variables. These are no kernel state: they
 * live in Java and are reset before every execution.
 */
final class Local {
    /** Thrown when a process is not followed any further: a loop took too many turns. */
    static final class CutOff extends RuntimeException {
        private static final long serialVersionUID = 1L;

        CutOff() {
            super(null, null, false, false);
        }
    }

    /** Thrown at an access to an address where nothing is. */
    static final class Wild extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Wild() {
            super(null, null, false, false);
        }
    }

    private final Cpu cpu;
    private final long[] initial;
    private final Consumer<Cpu> between;
    private final int turns;
    final long[] registers;

    /**
     * A process on {@code cpu}.
     *
     * @param between what happens between two instructions; null for nothing
     * @param turns turns of a loop that depends on what is read, before the execution is given up
     */
    Local(Cpu cpu, long[] initial, Consumer<Cpu> between, int turns) {
        this.cpu = cpu;
        this.initial = initial;
        this.between = between;
        this.turns = turns;
        registers = initial.clone();
    }

    void reset() {
        System.arraycopy(initial, 0, registers, 0, registers.length);
    }

    Cpu cpu() {
        return cpu;
    }

    int turns() {
        return turns;
    }

    /** Between two instructions an interrupt may come. */
    Cpu interrupts() {
        if (between != null) {
            between.accept(cpu);
        }
        return cpu;
    }
}
