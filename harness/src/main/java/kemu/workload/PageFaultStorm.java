package kemu.workload;

import java.util.concurrent.atomic.AtomicInteger;
import kemu.hw.cpu.Cpu;
import kemu.kernel.task.Comms;
import kemu.kernel.task.Entry;
import kemu.mm.Kernel;
import kemu.mm.file.Files;
import kemu.mm.file.PageCache;
import kemu.mm.process.Processes;
import kemu.mm.types.VmArea;

/**
 * Page faults and nothing else: each task maps memory, writes to every page of it and unmaps it, again and again. Each
 * write must find in its page what was there before: zero, what the file holds, or what the task wrote last.
 *
 * <p>Source: will-it-scale, tests/page_fault1.c, page_fault2.c and page_fault3.c.
 */
final class PageFaultStorm implements Workload {
    /** Most pages of a mapping; the size of the original's, 128 MB. */
    static final int MOST_PAGES = 32_768;
    /** Tasks at most. */
    static final int MOST_TASKS = 1_024;

    private static final long BASE = 0x7f00_0000_0000L;
    private static final long FIRST_FILE = 0x7061_6765_0000L;
    private static final int PAGE = UserProgram.pageSize();
    /** One page in so many is looked at again before it is unmapped. */
    private static final int VERIFIED = 16;

    /** What is mapped. */
    enum Shape {
        /** Anonymous memory (page_fault1). */
        ANON,
        /** A file of the task's own, private (page_fault2). */
        PRIVATE,
        /** A file of the task's own, shared (page_fault3). */
        SHARED
    }

    /**
     * Shape of the storm.
     *
     * @param shape what is mapped
     * @param threads whether the tasks share one address space
     * @param tasks how many
     * @param pages of each mapping; 0 for as many as fill a quarter of memory in all, but not above {@link #MOST_PAGES}
     * @param rounds that each task maps, 0 until stopped
     */
    record Plan(Shape shape, boolean threads, int tasks, int pages, long rounds) {}

    private final Kernel kernel;
    private final Counts counts;
    private final Syscalls syscalls;
    private final Plan plan;
    private final int pages;
    private final int comm;
    private final AtomicInteger running = new AtomicInteger();
    private volatile boolean stopping;
    private boolean started;

    PageFaultStorm(Kernel kernel, Counts counts, Plan plan) {
        this.kernel = kernel;
        this.counts = counts;
        this.plan = plan;
        syscalls = new Syscalls(kernel, counts);
        long share = kernel.pages().totalPages() / 4 / plan.tasks();
        int most = plan.shape() == Shape.SHARED ? mostShared(plan.tasks()) : MOST_PAGES;
        pages = plan.pages() != 0 ? plan.pages() : (int) Math.max(1, Math.min(most, share));
        comm = Comms.of(kernel.machine()).number("pagefault");
    }

    /** What the disk can hold of the file of each of {@code tasks}. */
    static int mostShared(int tasks) {
        return Math.max(1, Math.min(MOST_PAGES, Files.DISK_BLOCKS / tasks));
    }

    @Override
    public boolean round(Cpu cpu) {
        if (started || stopping) {
            return false;
        }
        started = true;
        int processes = plan.threads() ? 1 : plan.tasks();
        running.set(processes);
        for (int i = 0; i < processes; i++) {
            int task = i;
            int on = i % kernel.machine().cpus();
            if (kernel.processes().spawnInit(cpu, own -> process(own, task), comm, 1 + task, on) < 0) {
                running.decrementAndGet();
                counts.skipped.increment();
            }
        }
        // Ends when every task has mapped its rounds; the watchdog sees one that hangs.
        while (running.get() > 0) {
            syscalls.sleep(cpu, 1);
        }
        return false;
    }

    private void process(Cpu cpu, int first) {
        Entry.exit(cpu);
        int flags = Processes.CLONE_VM | Processes.CLONE_THREAD;
        for (int i = 1; plan.threads() && i < plan.tasks(); i++) {
            int task = i;
            running.incrementAndGet();
            if (syscalls.fork(cpu, own -> thread(own, task), comm, 1 + task, flags) < 0) {
                running.decrementAndGet();
            }
        }
        faults(cpu, first);
        exit(cpu);
        counts.processes.increment();
        running.decrementAndGet();
    }

    private void thread(Cpu cpu, int task) {
        Entry.exit(cpu);
        faults(cpu, task);
        exit(cpu);
        counts.threads.increment();
        running.decrementAndGet();
    }

    private void exit(Cpu cpu) {
        syscalls.exit(cpu, Processes.killed(cpu) ? Processes.KILLED : 0);
    }

    private void faults(Cpu cpu, int task) {
        UserProgram user = new UserProgram(kernel, counts, 1 + task, new StampTable());
        // A hole between two mappings keeps them from being one.
        long at = BASE + (long) task * (pages + 1) * PAGE;
        long file = plan.shape() == Shape.ANON ? 0 : FIRST_FILE + task;
        boolean alive = true;
        for (long round = 1; alive && !stopping && (plan.rounds() == 0 || round <= plan.rounds()); round++) {
            alive = round(cpu, user, at, file, round) && !Processes.killed(cpu);
        }
        if (!alive) {
            counts.killed.increment();
        }
    }

    /** False if the task cannot go on. */
    private boolean round(Cpu cpu, UserProgram user, long at, long file, long round) {
        long length = (long) pages * PAGE;
        long flags = VmArea.VM_READ | VmArea.VM_WRITE | (plan.shape() == Shape.SHARED ? VmArea.VM_SHARED : 0);
        if (syscalls.mmap(cpu, at, length, flags, true, file, 0) != at) {
            return false;
        }
        int written = 0;
        boolean alive = true;
        while (written < pages && alive && !stopping) {
            long before = before(file, round, written);
            alive = user.replace(cpu, at + (long) written * PAGE, before, stamp(at, round, written));
            counts.touches.increment();
            written += alive ? 1 : 0;
        }
        if (stopping && written < pages) {
            counts.notStarted.increment();
        }
        for (int page = 0; page < written && alive; page += VERIFIED) {
            alive = user.holds(cpu, at + (long) page * PAGE, stamp(at, round, page));
        }
        return syscalls.munmap(cpu, at, length) == 0 && alive;
    }

    private long before(long file, long round, int page) {
        return switch (plan.shape()) {
            case ANON -> 0;
            case PRIVATE -> PageCache.contentsOf(file, page, UserProgram.FILLED_WORD);
            case SHARED ->
                round == 1
                        ? PageCache.contentsOf(file, page, UserProgram.FILLED_WORD)
                        : stamp(BASE + (file - FIRST_FILE) * (pages + 1) * PAGE, round - 1, page);
        };
    }

    private static long stamp(long at, long round, int page) {
        return (round << 40) ^ at ^ page | 1L << 62;
    }

    @Override
    public void stop() {
        stopping = true;
    }

    @Override
    public double progress() {
        double planned = (double) plan.rounds() * plan.tasks() * pages;
        return plan.rounds() == 0 ? -1 : Math.min(1, counts.touches.sum() / planned);
    }

    @Override
    public String nothingDone() {
        return counts.touches.sum() == 0 ? "no page was touched" : "";
    }

    @Override
    public void describe(java.util.function.BiConsumer<String, Object> out) {
        out.accept("shape", plan.shape().name().toLowerCase(java.util.Locale.ROOT));
        out.accept("mode", plan.threads() ? "threads" : "processes");
        out.accept("tasks", plan.tasks());
        out.accept("pages", pages);
    }
}
