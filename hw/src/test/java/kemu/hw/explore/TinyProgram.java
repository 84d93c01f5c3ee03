package kemu.hw.explore;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.order.Barriers;
import kemu.hw.order.Order;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Sched;

/** A few CPUs that do a few things to a few words; what they read becomes part of the final state. */
final class TinyProgram implements AutoCloseable {
    static final int LOAD = 0;
    static final int STORE = 1;
    static final int ADD = 2;
    static final int CAS = 3;
    static final int WAIT_EQ = 4;
    static final int WAIT_NE = 5;
    static final int FENCE = 6;
    static final int BRANCH = 7;
    private static final int WORD = 64;
    private static final int MB = Barriers.fence("test.TINY");

    record Step(int op, int word, int value) {}

    final EmuMachine machine;
    final Exploration exploration;
    private final List<List<Step>> threads;
    private final long base;

    TinyProgram(List<List<Step>> threads, MemoryModel model) {
        this(threads, model, threads.size());
    }

    /** On fewer CPUs than threads, which then preempt each other. */
    TinyProgram(List<List<Step>> threads, MemoryModel model, int cpus) {
        this.threads = threads;
        boolean preemptible = cpus < threads.size();
        machine = KernelCore.bootEmulated(new MachineConfig(1 << 20, cpus, 1, preemptible, "ticket", 16, model));
        Cpu boot = machine.bootCpu();
        base = machine.bootAllocator().allocate(boot, 64 * WORD, 64, "words");
        for (int i = 0; i < threads.size(); i++) {
            int own = i;
            Sched.of(machine).spawn(boot, cpu -> run(cpu, own), i % cpus, "t" + i, 0);
        }
        exploration = new Exploration(machine, 10_000);
    }

    long word(int number) {
        return base + (long) number * WORD;
    }

    private void run(Cpu cpu, int own) {
        int seen = 1;
        List<Step> steps = threads.get(own);
        for (int at = 0; at < steps.size(); at++) {
            Step step = steps.get(at);
            long word = word(step.word);
            int value = step.value;
            int got = 0;
            switch (step.op) {
                case LOAD -> got = cpu.readOnce32(word);
                case STORE -> cpu.writeOnce32(word, value);
                case ADD -> got = cpu.fetchAdd32(word, value, Order.FULL);
                case CAS -> got = cpu.cmpxchg32(word, value, value + 1, Order.FULL);
                case WAIT_EQ -> got = cpu.condLoadEq32(word, -1, value, Order.ACQUIRE);
                case WAIT_NE -> got = cpu.condLoadNe32(word, -1, value, Order.ACQUIRE);
                case FENCE -> cpu.smpMb(MB);
                default -> {
                    // What comes next depends on what was read.
                    got = cpu.readOnce32(word);
                    at += got == value ? 1 : 0;
                }
            }
            seen = 31 * seen + got;
        }
        cpu.write32(word(16 + own), seen);
    }

    static TinyProgram random(SplittableRandom random, int cpus, int most, MemoryModel model) {
        return new TinyProgram(randomThreads(random, cpus, most), model);
    }

    static List<List<Step>> randomThreads(SplittableRandom random, int cpus, int most) {
        int words = 1 + random.nextInt(3);
        List<List<Step>> threads = new ArrayList<>();
        for (int i = 0; i < cpus; i++) {
            List<Step> steps = new ArrayList<>();
            int count = 1 + random.nextInt(most);
            for (int k = 0; k < count; k++) {
                int op = random.nextInt(9);
                steps.add(new Step(op == 8 ? ADD : op, random.nextInt(words), random.nextInt(3)));
            }
            threads.add(steps);
        }
        return threads;
    }

    /** What a search of all executions found. */
    record Found(Set<String> states, long executions, long pruned) {}

    Found search(Scheduler scheduler, long most) {
        Set<String> states = new TreeSet<>();
        long executions = 0;
        long pruned = 0;
        while (scheduler.begin(executions)) {
            if (executions == most) {
                return null;
            }
            executions++;
            Outcome outcome = exploration.execute(scheduler);
            if (outcome == Outcome.PRUNED) {
                pruned++;
            } else {
                states.add(outcome + " " + Long.toHexString(exploration.stateHash()));
            }
            if (outcome == Outcome.REFUSED) {
                throw new AssertionError(scheduler.complaint() + " in " + threads);
            }
            exploration.rewind();
        }
        return new Found(states, executions, pruned);
    }

    @Override
    public String toString() {
        return threads.toString();
    }

    @Override
    public void close() {
        machine.close();
    }
}
