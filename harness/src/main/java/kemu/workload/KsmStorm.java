package kemu.workload;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import kemu.hw.cpu.Cpu;
import kemu.kernel.task.Comms;
import kemu.kernel.task.Entry;
import kemu.mm.Kernel;
import kemu.mm.page.VmStatItem;
import kemu.mm.process.Processes;
import kemu.mm.types.VmArea;

/**
 * Processes with many equal pages, which ksmd merges while they write, fork, move and give up memory, take back what
 * they asked for, and exit; with little memory they are swapped as well. A page holds one of a few contents, the same
 * in all processes, and its owner knows which: whoever merges pages that are not equal, or lets a write through to
 * others, is found.
 */
final class KsmStorm implements Workload {
    /** Processes at a time, and pages of each, at most. */
    static final int MOST_PROCESSES = 1_024;

    static final int MOST_PAGES = 65_536;
    /** Different contents at most. */
    static final int MOST_KINDS = 1_000_000;

    private static final long BASE = 0x7f00_0000_0000L;
    private static final long ELSEWHERE = 0x7e00_0000_0000L;
    private static final int PAGE = UserProgram.pageSize();
    private static final int CALLS = 200;
    private static final int MOST_AT_ONCE = 8;
    /** Ticks that a process now and then leaves its pages alone. */
    private static final int REST = 3;

    /**
     * Shape of the storm.
     *
     * @param processes at a time
     * @param pages of each
     * @param kinds of contents that a page may have
     * @param scan pages that ksmd looks at before it sleeps for a tick
     * @param rounds of processes, 0 until stopped
     */
    record Plan(int processes, int pages, int kinds, int scan, long rounds) {}

    private final Kernel kernel;
    private final Counts counts;
    private final Syscalls syscalls;
    private final Plan plan;
    private final int comm;
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger ids = new AtomicInteger();
    private final LongAdder calls = new LongAdder();
    private volatile boolean stopping;
    private volatile long shared;
    private volatile long sharing;
    private long round;

    KsmStorm(Kernel kernel, Counts counts, Plan plan) {
        this.kernel = kernel;
        this.counts = counts;
        this.plan = plan;
        syscalls = new Syscalls(kernel, counts);
        comm = Comms.of(kernel.machine()).number("ksm");
    }

    @Override
    public boolean round(Cpu cpu) {
        if (stopping || plan.rounds() != 0 && round >= plan.rounds()) {
            return false;
        }
        round++;
        kernel.ksm().tune(cpu, plan.scan(), 1);
        running.set(plan.processes());
        for (int i = 0; i < plan.processes(); i++) {
            int id = ids.incrementAndGet();
            int on = i % kernel.machine().cpus();
            if (kernel.processes().spawnInit(cpu, own -> process(own, id), comm, id, on) < 0) {
                running.decrementAndGet();
                counts.skipped.increment();
            }
        }
        // Ends when every process has made its calls; the watchdog sees one that hangs.
        while (running.get() > 0) {
            syscalls.sleep(cpu, 1);
            shared = Math.max(shared, kernel.vmStat().sum(cpu, VmStatItem.KSM_PAGES_SHARED));
            sharing = Math.max(sharing, kernel.vmStat().sum(cpu, VmStatItem.KSM_PAGES_SHARING));
        }
        return true;
    }

    private void process(Cpu cpu, int id) {
        Entry.exit(cpu);
        SplittableRandom random = new SplittableRandom(kernel.machine().config().seed() * 0x9e37_79b9L + id);
        UserProgram user = new UserProgram(kernel, counts, id, new StampTable());
        long[] values = new long[plan.pages()];
        long length = (long) plan.pages() * PAGE;
        boolean alive = syscalls.mmap(cpu, BASE, length, VmArea.VM_READ | VmArea.VM_WRITE, true, 0, 0) == BASE
                && user.returned(cpu, "madvise", syscalls.madviseMergeable(cpu, BASE, length, true), 0)
                && write(cpu, user, random, values, 0, plan.pages());
        int done = 0;
        for (; done < CALLS && alive && !stopping; done++) {
            calls.increment();
            alive = call(cpu, user, random, values) && !Processes.killed(cpu);
        }
        if (alive && verify(cpu, user, values, 0, plan.pages())) {
            counts.notStarted.add(done < CALLS ? 1 : 0);
        } else {
            counts.killed.increment();
        }
        exit(cpu);
        running.decrementAndGet();
    }

    private void exit(Cpu cpu) {
        syscalls.exit(cpu, Processes.killed(cpu) ? Processes.KILLED : 0);
        counts.processes.increment();
    }

    /** False if the process cannot go on. */
    private boolean call(Cpu cpu, UserProgram user, SplittableRandom random, long[] values) {
        int from = random.nextInt(plan.pages());
        int to = Math.min(plan.pages(), from + 1 + random.nextInt(MOST_AT_ONCE));
        return switch (random.nextInt(12)) {
            case 0, 1, 2 -> write(cpu, user, random, values, from, to);
            case 3, 4 -> verify(cpu, user, values, from, to);
            case 5 -> giveUp(cpu, user, random, values, from, to);
            case 6 -> fork(cpu, user, random, values);
            case 7 -> separate(cpu, user, values, from, to);
            case 8 -> move(cpu, user, values, from, to);
            default -> {
                syscalls.sleep(cpu, REST);
                yield true;
            }
        };
    }

    private static long at(int page) {
        return BASE + (long) page * PAGE;
    }

    private boolean write(Cpu cpu, UserProgram user, SplittableRandom random, long[] values, int from, int to) {
        boolean alive = true;
        for (int page = from; page < to && alive; page++) {
            long value = 1L + random.nextInt(plan.kinds());
            alive = user.replace(cpu, at(page), values[page], value);
            values[page] = value;
            counts.touches.increment();
        }
        return alive;
    }

    private static boolean verify(Cpu cpu, UserProgram user, long[] values, int from, int to) {
        boolean alive = true;
        for (int page = from; page < to && alive; page++) {
            alive = user.holds(cpu, at(page), values[page]);
        }
        return alive;
    }

    private boolean giveUp(Cpu cpu, UserProgram user, SplittableRandom random, long[] values, int from, int to) {
        int status = syscalls.madviseDontneed(cpu, at(from), at(to) - at(from));
        Arrays.fill(values, from, to, 0);
        return user.returned(cpu, "madvise", status, 0) && write(cpu, user, random, values, from, to);
    }

    /** Takes the pages back from merging, and gives them again. */
    private boolean separate(Cpu cpu, UserProgram user, long[] values, int from, int to) {
        long length = at(to) - at(from);
        return user.returned(cpu, "madvise", syscalls.madviseMergeable(cpu, at(from), length, false), 0)
                && verify(cpu, user, values, from, to)
                && user.returned(cpu, "madvise", syscalls.madviseMergeable(cpu, at(from), length, true), 0);
    }

    /** There and back. */
    private boolean move(Cpu cpu, UserProgram user, long[] values, int from, int to) {
        long length = at(to) - at(from);
        if (syscalls.mremap(cpu, at(from), length, length, ELSEWHERE) != ELSEWHERE) {
            return false;
        }
        boolean alive = true;
        for (int page = from; page < to && alive; page++) {
            alive = user.holds(cpu, ELSEWHERE + (long) (page - from) * PAGE, values[page]);
        }
        return alive && syscalls.mremap(cpu, ELSEWHERE, length, length, at(from)) == at(from);
    }

    /** Both write what they share; each must see its own. */
    private boolean fork(Cpu cpu, UserProgram user, SplittableRandom random, long[] values) {
        long[] copy = values.clone();
        int id = ids.incrementAndGet();
        SplittableRandom childRandom = random.split();
        int pid = syscalls.fork(cpu, child -> child(child, id, childRandom, copy), comm, id, 0);
        if (pid < 0) {
            return true;
        }
        int from = random.nextInt(plan.pages());
        int to = Math.min(plan.pages(), from + MOST_AT_ONCE);
        boolean alive = write(cpu, user, random, values, from, to);
        syscalls.waitFor(cpu, pid);
        return alive && verify(cpu, user, values, from, to);
    }

    private void child(Cpu cpu, int id, SplittableRandom random, long[] values) {
        Entry.exit(cpu);
        UserProgram user = new UserProgram(kernel, counts, id, new StampTable());
        int from = random.nextInt(plan.pages());
        int to = Math.min(plan.pages(), from + 4 * MOST_AT_ONCE);
        boolean alive = verify(cpu, user, values, from, to) && write(cpu, user, random, values, from, to);
        if (alive && random.nextBoolean()) {
            // Long enough for ksmd to find the child.
            syscalls.sleep(cpu, REST);
        }
        if (!alive || !verify(cpu, user, values, 0, plan.pages())) {
            counts.killed.increment();
        }
        exit(cpu);
    }

    @Override
    public void stop() {
        stopping = true;
    }

    @Override
    public double progress() {
        double planned = (double) plan.rounds() * plan.processes() * CALLS;
        return plan.rounds() == 0 ? -1 : Math.min(1, calls.sum() / planned);
    }

    @Override
    public String nothingDone() {
        return shared == 0 ? "no page was merged" : "";
    }

    @Override
    public void describe(java.util.function.BiConsumer<String, Object> out) {
        out.accept("processes_each", plan.processes());
        out.accept("pages", plan.pages());
        out.accept("kinds", plan.kinds());
        out.accept("calls", calls.sum());
        out.accept("ksm_pages_shared_max", shared);
        out.accept("ksm_pages_sharing_max", sharing);
    }
}
