package kemu.litmus.kernel;

import java.util.function.Consumer;
import kemu.hw.cpu.Cpu;
import kemu.litmus.ir.Operation;

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

    /** Turns of a waiting loop that give no hint to the CPU, for what they may see without one. */
    private static final int BARE_TURNS = 20;

    private final Cpu cpu;
    private final long[] initial;
    private final Consumer<Cpu> between;
    private final Consumer<Cpu> givesUp;
    private final int turns;
    final long[] registers;
    /** What is being executed, where somebody wants to tell; else null. */
    Operation operation;

    /**
     * A process on {@code cpu}.
     *
     * @param between what happens between two instructions; null for nothing
     * @param givesUp what happens when a loop has taken too many turns; does not return
     * @param turns turns of a loop that depends on what is read, before the execution is given up
     */
    Local(Cpu cpu, long[] initial, Consumer<Cpu> between, Consumer<Cpu> givesUp, int turns) {
        this.cpu = cpu;
        this.initial = initial;
        this.between = between;
        this.givesUp = givesUp;
        this.turns = turns;
        registers = initial.clone();
    }

    void reset() {
        System.arraycopy(initial, 0, registers, 0, registers.length);
    }

    Cpu cpu() {
        return cpu;
    }

    /** A waiting loop has taken its turn number {@code turn} in vain. */
    void turned(int turn) {
        if (turn == turns) {
            givesUp.accept(cpu);
        }
        if (turn >= BARE_TURNS) {
            cpu.relax();
        }
    }

    /** Between two instructions an interrupt may come. */
    Cpu interrupts() {
        if (between != null) {
            between.accept(cpu);
        }
        return cpu;
    }
}
