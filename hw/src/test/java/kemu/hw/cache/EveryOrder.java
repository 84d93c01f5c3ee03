package kemu.hw.cache;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Fiber;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;

/**
 * Runs hand-written programs in every order that a machine allows: which thread goes on, which buffered store becomes
 * visible, which old value goes away. Executions are repeated from the start; one that reaches a state seen before is
 * cut short.
 */
final class EveryOrder implements AutoCloseable {
    /** What a CPU does: {@code at} are the addresses of shared words, {@code registers} its results. */
    interface Program {
        void run(Cpu cpu, long[] at, long[] registers);
    }

    /** Whether an execution ended so. */
    interface Outcome {
        boolean holds(long[] registers, long[] words);
    }

    private static final int WORDS = 4;
    private static final int REGISTERS = 4;
    private static final int MAX_CPUS = 4;
    private static final int KINDS = 3;
    private static final int GO_ON = 0;
    private static final int DRAIN = 1;
    private static final int MAX_CHOICE = 1 << 16;
    private static final long POINTER_BASE = 1 << 14;

    private final EmuMachine machine;
    private final long[] at = new long[WORDS];
    private final long[] registers = new long[REGISTERS];
    private final long[] words = new long[WORDS];
    private final int[] executed = new int[MAX_CPUS];
    private final Set<Long> seen = new HashSet<>();
    private final Deque<int[]> prefixes = new ArrayDeque<>();
    private int threads;

    /**
     * A machine under {@code model}.
     *
     * @param stride bytes from one shared word to the next: 8 to 16384
     * @param weakened id of a barrier that does nothing, 0 for none
     */
    EveryOrder(MemoryModel model, int stride, int weakened) {
        machine = new EmuMachine(MachineConfig.of(1 << 20, MAX_CPUS).withModel(model));
        if (weakened != 0) {
            machine.weaken(weakened);
        }
        long base = machine.bootAllocator()
                .allocate(machine.bootCpu(), (int) (POINTER_BASE * WORDS), (int) POINTER_BASE, "litmus");
        for (int i = 0; i < at.length; i++) {
            at[i] = base + (long) i * stride;
        }
    }

    /** True if some execution of {@code programs} ends in {@code outcome}. */
    boolean shows(Outcome outcome, Program... programs) {
        seen.clear();
        prefixes.clear();
        prefixes.push(new int[0]);
        boolean shown = false;
        while (!prefixes.isEmpty()) {
            shown |= execute(outcome, List.of(programs), prefixes.pop());
        }
        return shown;
    }

    /** Repeats {@code prefix}, goes on with the first choices, and leaves the others for later. */
    private boolean execute(Outcome outcome, List<Program> programs, int[] prefix) {
        start(programs);
        int[] path = Arrays.copyOf(prefix, Math.max(prefix.length * 2, 16));
        int depth = 0;
        while (true) {
            int[] choices = choices();
            if (choices.length == 0) {
                break;
            }
            if (depth >= prefix.length) {
                if (!seen.add(stateHash())) {
                    machine.dropBuffers();
                    return false;
                }
                for (int i = 1; i < choices.length; i++) {
                    int[] other = Arrays.copyOf(path, depth + 1);
                    other[depth] = choices[i];
                    prefixes.push(other);
                }
            }
            int choice = depth < prefix.length ? prefix[depth] : choices[0];
            if (depth == path.length) {
                path = Arrays.copyOf(path, depth * 2);
            }
            path[depth++] = choice;
            apply(choice);
        }
        machine.settleBuffers();
        readWords();
        return outcome.holds(registers, words);
    }

    private void start(List<Program> programs) {
        Cpu boot = machine.bootCpu();
        for (int i = 0; i < at.length; i++) {
            boot.write64(at[i], 0);
        }
        Arrays.fill(registers, 0);
        Arrays.fill(executed, 0);
        threads = programs.size();
        machine.bufferAccesses();
        for (int i = 0; i < threads; i++) {
            EmuCpu cpu = machine.cpu(i);
            Program program = programs.get(i);
            cpu.start(new Fiber(() -> program.run(cpu, at, registers)));
            cpu.run(1);
        }
    }

    /** What can happen next, as numbers that {@link #apply} understands. */
    private int[] choices() {
        int[] found = new int[KINDS * MAX_CPUS * 16];
        int count = 0;
        for (int i = 0; i < threads; i++) {
            EmuCpu cpu = machine.cpu(i);
            boolean done = cpu.currentFiber().isDone();
            if (!done && !cpu.pending().drains()) {
                found[count++] = encode(GO_ON, i, 0);
            }
            for (int k = 0; k < cpu.path().drainable(); k++) {
                found[count++] = encode(DRAIN, i, k);
            }
            int old = done ? -1 : cpu.pending().stale();
            if (old >= 0) {
                found[count++] = encode(2, i, old);
            }
        }
        return Arrays.copyOf(found, count);
    }

    private static int encode(int kind, int cpu, int index) {
        return (kind * MAX_CPUS + cpu) * MAX_CHOICE + index;
    }

    private void apply(int choice) {
        int index = choice % MAX_CHOICE;
        int id = choice / MAX_CHOICE % MAX_CPUS;
        EmuCpu cpu = machine.cpu(id);
        switch (choice / MAX_CHOICE / MAX_CPUS) {
            case GO_ON -> {
                executed[id]++;
                cpu.run(1);
            }
            case DRAIN -> cpu.path().drain(index);
            default -> cpu.path().deliver(index);
        }
    }

    private void readWords() {
        for (int i = 0; i < at.length; i++) {
            words[i] = machine.bootCpu().read64(at[i]);
        }
    }

    private long stateHash() {
        long hash = 1;
        for (int i = 0; i < threads; i++) {
            EmuCpu cpu = machine.cpu(i);
            hash = Long.rotateLeft(hash * 0x9e3779b97f4a7c15L + executed[i], 17);
            hash = cpu.path().buffers() == null ? hash : cpu.path().buffers().hash(hash);
        }
        for (int i = 0; i < at.length; i++) {
            hash = Long.rotateLeft(hash * 0x9e3779b97f4a7c15L + machine.memoryWord(at[i]), 23);
        }
        for (long register : registers) {
            hash = Long.rotateLeft(hash * 0x9e3779b97f4a7c15L + register, 31);
        }
        return hash;
    }

    @Override
    public void close() {
        machine.close();
    }
}
