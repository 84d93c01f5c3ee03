package kemu.workload;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import kemu.hw.cpu.Cpu;
import kemu.kernel.task.Comms;
import kemu.kernel.task.Entry;
import kemu.mm.Kernel;
import kemu.mm.process.Processes;

/**
 * Many threads in one address space: each faults, maps, unmaps, protects and moves memory and forks, in a range of its
 * own, where it knows what every page holds, and in one that all have in common, where they race. A forked child checks
 * that it has the memory of the thread that forked it, and changes it. After some calls all threads end, the last with
 * the address space, and others begin.
 */
final class ThreadStorm implements Workload {
    /** Threads of a process at most. */
    static final int MOST_THREADS = 1_024;
    /** Pages of a thread's own range, and of the common one, at most. */
    static final int MOST_PAGES = 65_536;

    private static final long OWN = 0x7f00_0000_0000L;
    private static final int CALLS = 500;
    /** One call in so many that a fork could be is one: it costs more than the others. */
    private static final int FORKS_RARE = 4;

    /** What a thread does. */
    enum Call {
        FAULTS,
        MMAP,
        MUNMAP,
        MPROTECT,
        MADVISE,
        MREMAP,
        FORK
    }

    /**
     * Shape of the storm.
     *
     * @param threads of the process
     * @param mix what they do beside faults
     * @param pages of each range
     * @param rounds processes one after the other, 0 until stopped
     */
    record Plan(int threads, List<Call> mix, int pages, long rounds) {}

    private final Kernel kernel;
    private final Counts counts;
    private final Syscalls syscalls;
    private final Plan plan;
    private final int comm;
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger ids = new AtomicInteger();
    private final LongAdder calls = new LongAdder();
    private volatile boolean stopping;
    private long round;

    ThreadStorm(Kernel kernel, Counts counts, Plan plan) {
        this.kernel = kernel;
        this.counts = counts;
        this.plan = plan;
        syscalls = new Syscalls(kernel, counts);
        comm = Comms.of(kernel.machine()).number("threads");
    }

    @Override
    public boolean round(Cpu cpu) {
        if (stopping || plan.rounds() != 0 && round >= plan.rounds()) {
            return false;
        }
        round++;
        int group = ids.incrementAndGet();
        int on = (int) (round % kernel.machine().cpus());
        running.set(1);
        if (kernel.processes().spawnInit(cpu, own -> process(own, group), comm, group, on) < 0) {
            running.set(0);
            counts.skipped.increment();
        }
        // Ends when every thread has made its calls; the watchdog sees one that hangs.
        while (running.get() > 0) {
            syscalls.sleep(cpu, 1);
        }
        return true;
    }

    private void process(Cpu cpu, int group) {
        Entry.exit(cpu);
        CommonRange common = new CommonRange(syscalls, plan.pages(), group);
        int flags = Processes.CLONE_VM | Processes.CLONE_THREAD;
        for (int i = 1; i < plan.threads(); i++) {
            int thread = i;
            running.incrementAndGet();
            if (syscalls.fork(cpu, own -> started(own, group, thread, common), comm, group, flags) < 0) {
                running.decrementAndGet();
            }
        }
        storm(cpu, group, 0, common);
        exit(cpu);
        counts.processes.increment();
        running.decrementAndGet();
    }

    private void started(Cpu cpu, int group, int thread, CommonRange common) {
        Entry.exit(cpu);
        storm(cpu, group, thread, common);
        exit(cpu);
        counts.threads.increment();
        running.decrementAndGet();
    }

    private void exit(Cpu cpu) {
        syscalls.exit(cpu, Processes.killed(cpu) ? Processes.KILLED : 0);
    }

    private void storm(Cpu cpu, int group, int thread, CommonRange common) {
        SplittableRandom random = new SplittableRandom(
                kernel.machine().config().seed() * 0x9e37_79b9L + group * (long) MOST_THREADS + thread);
        UserProgram user = new UserProgram(kernel, counts, group, new StampTable());
        OwnRange own = new OwnRange(OWN + thread * OwnRange.spaceFor(plan.pages()), plan.pages(), syscalls);
        boolean alive = true;
        int done = 0;
        for (; done < CALLS && alive && !stopping; done++) {
            Call call = choose(random);
            calls.increment();
            alive = call == Call.FORK
                    ? fork(cpu, user, random, own, common)
                    : random.nextBoolean() ? own.call(cpu, user, random, call) : common.call(cpu, user, random, call);
            alive &= !Processes.killed(cpu);
        }
        if (alive && own.verify(cpu, user)) {
            counts.notStarted.add(done < CALLS ? 1 : 0);
        } else {
            counts.killed.increment();
        }
    }

    private Call choose(SplittableRandom random) {
        int drawn = random.nextInt(2 * plan.mix().size());
        Call call = drawn < plan.mix().size() ? plan.mix().get(drawn) : Call.FAULTS;
        return call == Call.FORK && random.nextInt(FORKS_RARE) != 0 ? Call.FAULTS : call;
    }

    /** Both sides write what they shared, while the child knows what was there when it was forked. */
    private boolean fork(Cpu cpu, UserProgram user, SplittableRandom random, OwnRange own, CommonRange common) {
        OwnRange copy = own.forked();
        int id = ids.incrementAndGet();
        CommonRange childs = common.forked(id);
        SplittableRandom childRandom = random.split();
        int pid = syscalls.fork(cpu, child -> child(child, id, childRandom, copy, childs), comm, id, 0);
        if (pid < 0) {
            return true;
        }
        boolean alive = own.call(cpu, user, random, Call.FAULTS) && own.call(cpu, user, random, Call.MMAP);
        syscalls.waitFor(cpu, pid);
        return alive && own.verify(cpu, user);
    }

    private void child(Cpu cpu, int id, SplittableRandom random, OwnRange own, CommonRange common) {
        Entry.exit(cpu);
        UserProgram user = new UserProgram(kernel, counts, id, new StampTable());
        boolean alive = own.verify(cpu, user);
        for (int i = 0; i < 4 && alive; i++) {
            alive = own.call(cpu, user, random, Call.FAULTS) && common.call(cpu, user, random, Call.FAULTS);
        }
        alive = alive && own.call(cpu, user, random, Call.MUNMAP) && own.verify(cpu, user);
        if (!alive) {
            counts.killed.increment();
        }
        exit(cpu);
        counts.processes.increment();
    }

    @Override
    public void stop() {
        stopping = true;
    }

    @Override
    public double progress() {
        double planned = (double) plan.rounds() * plan.threads() * CALLS;
        return plan.rounds() == 0 ? -1 : Math.min(1, calls.sum() / planned);
    }

    @Override
    public String nothingDone() {
        return calls.sum() == 0 ? "no thread has made a call" : "";
    }

    @Override
    public void describe(java.util.function.BiConsumer<String, Object> out) {
        out.accept("threads_each", plan.threads());
        out.accept("pages", plan.pages());
        out.accept("calls", calls.sum());
    }
}
