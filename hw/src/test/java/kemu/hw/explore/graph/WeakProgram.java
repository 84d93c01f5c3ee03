package kemu.hw.explore.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.explore.Exploration;
import kemu.hw.explore.Outcome;
import kemu.hw.explore.Scheduler;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.order.Barriers;
import kemu.hw.order.Order;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Sched;

/** A few CPUs that do a few things of every order to a few words; what they read becomes part of the final state. */
final class WeakProgram implements AutoCloseable {
    enum Op {
        LOAD,
        ACQUIRE,
        STORE,
        RELEASE,
        ADD,
        XCHG,
        CAS,
        WAIT_EQ,
        WAIT_NE,
        MB,
        RMB,
        WMB,
        BRANCH,
        POINT,
        FOLLOW,
        HIGH_LOAD,
        HIGH_STORE,
        WIDE_STORE,
        WIDE_LOAD
    }

    record Step(Op op, int word, int value, int order) {
        @Override
        public String toString() {
            return op + " " + word + " " + value + " " + order;
        }
    }

    private static final int WORD = 8192;
    private static final int MB = Barriers.fence("test.WEAK");

    final EmuMachine machine;
    final Exploration exploration;
    private final List<List<Step>> threads;
    private final long base;

    WeakProgram(List<List<Step>> threads, MemoryModel model) {
        this(threads, model, threads.size());
    }

    /** All threads on one CPU, where they preempt each other. */
    static WeakProgram onOneCpu(List<List<Step>> threads, MemoryModel model) {
        return new WeakProgram(threads, model, 1);
    }

    private WeakProgram(List<List<Step>> threads, MemoryModel model, int cpus) {
        this.threads = threads;
        boolean preemptible = cpus < threads.size();
        machine = KernelCore.bootEmulated(new MachineConfig(1 << 20, cpus, 1, preemptible, "ticket", 16, model));
        Cpu boot = machine.bootCpu();
        base = machine.bootAllocator().allocate(boot, 8L * WORD, 64, "words");
        for (int i = 0; i < threads.size(); i++) {
            int own = i;
            Sched.of(machine).spawn(boot, cpu -> run(cpu, own), i % cpus, "t" + i, 0);
        }
        machine.seeEveryStore();
        exploration = new Exploration(machine, 10_000);
    }

    private long word(int number) {
        return base + (long) number * WORD;
    }

    private void run(Cpu cpu, int own) {
        int seen = 1;
        List<Step> steps = threads.get(own);
        for (int at = 0; at < steps.size(); at++) {
            Step step = steps.get(at);
            long word = word(step.word);
            int value = step.value;
            int order = step.order;
            long got = 0;
            switch (step.op) {
                case LOAD -> got = cpu.readOnce32(word);
                case ACQUIRE -> got = cpu.loadAcquire32(word, Order.ACQUIRE);
                case STORE -> cpu.writeOnce32(word, value);
                case RELEASE -> cpu.storeRelease32(word, value, Order.RELEASE);
                case ADD -> got = cpu.fetchAdd32(word, value, order);
                case XCHG -> got = cpu.xchg32(word, value, order);
                case CAS -> got = cpu.cmpxchg32(word, value, value + 1, order);
                case WAIT_EQ -> got = cpu.condLoadEq32(word, -1, value, order == Order.RELAXED ? order : Order.ACQUIRE);
                case WAIT_NE -> got = cpu.condLoadNe32(word, -1, value, order == Order.RELAXED ? order : Order.ACQUIRE);
                case HIGH_LOAD -> got = cpu.readOnce32(word + 4);
                case HIGH_STORE -> cpu.writeOnce32(word + 4, value);
                case WIDE_LOAD -> {
                    long both = cpu.readOnce64(word);
                    got = both + 17 * (both >>> 32);
                }
                case WIDE_STORE -> cpu.writeOnce64(word, value + ((long) value << 32));
                case MB -> cpu.smpMb(MB);
                case RMB -> cpu.smpRmb(MB);
                case WMB -> cpu.smpWmb(MB);
                case POINT -> cpu.writeOnce64(word(4), word(step.word));
                case FOLLOW -> {
                    long at64 = cpu.readOnce64(word(4));
                    got = at64 == 0 ? -1 : cpu.readOnce32(at64);
                }
                default -> {
                    // What comes next depends on what was read.
                    got = cpu.readOnce32(word);
                    at += got == value ? 1 : 0;
                }
            }
            seen = 31 * seen + (int) got;
        }
        cpu.write32(word(5) + 64L * own, seen);
    }

    /** Of the first {@code kinds} operations. */
    static WeakProgram random(SplittableRandom random, int cpus, int most, int kinds, MemoryModel model) {
        int words = 1 + random.nextInt(3);
        Op[] all = Arrays.copyOf(Op.values(), kinds);
        int[] orders = {Order.FULL, Order.ACQUIRE, Order.RELEASE, Order.RELAXED};
        List<List<Step>> threads = new ArrayList<>();
        for (int i = 0; i < cpus; i++) {
            List<Step> steps = new ArrayList<>();
            int count = 1 + random.nextInt(most);
            for (int k = 0; k < count; k++) {
                Op op = random.nextInt(3) == 0
                        ? random.nextBoolean() ? Op.LOAD : Op.STORE
                        : all[random.nextInt(all.length)];
                steps.add(new Step(op, random.nextInt(words), random.nextInt(3), orders[random.nextInt(4)]));
            }
            threads.add(steps);
        }
        return new WeakProgram(threads, model);
    }

    /** What a search of all executions found. */
    record Found(Set<String> states, long executions) {}

    Found search(Scheduler scheduler) {
        return search(scheduler, Long.MAX_VALUE);
    }

    /** The first {@code most} executions of {@code scheduler}. */
    Found search(Scheduler scheduler, long most) {
        Set<String> states = new TreeSet<>();
        long executions = 0;
        while (executions < most && scheduler.begin(executions)) {
            executions++;
            Outcome outcome = exploration.execute(scheduler);
            if (outcome != Outcome.PRUNED) {
                states.add(outcome + " " + Long.toHexString(exploration.stateHash()));
            }
            exploration.rewind();
        }
        return new Found(states, executions);
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
