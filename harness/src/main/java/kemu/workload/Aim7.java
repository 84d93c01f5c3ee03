package kemu.workload;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.BiConsumer;
import kemu.hw.cpu.Cpu;
import kemu.kernel.task.Comms;
import kemu.kernel.task.Entry;
import kemu.mm.Kernel;
import kemu.mm.page.VmStatItem;
import kemu.mm.process.Processes;
import kemu.mm.types.VmArea;

/**
 * One parent writes its pages and forks many children, each of which writes, and so copies, all of them. While the
 * children sleep, the conductor has the kernel reclaim most of the pages: for each of them a walk looks for its one pte
 * among the VMAs of its anon_vma. Then everybody checks what it has written, which comes back from swap.
 *
 * <p>Source: what AIM7 does to anon_vmas, as the message of Linux commit 5beb49305251 (2.6.34) tells it.
 */
final class Aim7 implements Workload {
    /** Children at most: each takes a slot of the table of tasks. */
    static final int MOST_CHILDREN = 4_000;
    /** Pages of a process at most. */
    static final int MOST_PAGES = 65_536;

    private static final long BASE = 0x7f00_0000_0000L;
    private static final int PAGE = UserProgram.pageSize();
    /** Reclaim ends when one page in so many is left in memory. */
    private static final int LEFT = 4;
    /** Calls in a row that may reclaim next to nothing before the conductor gives up. */
    private static final int MOST_IDLE = 16;

    /**
     * Shape of the workload.
     *
     * @param children alive at once
     * @param pages of the parent, and of each child
     * @param rounds parents one after the other, 0 until stopped
     */
    record Plan(int children, int pages, long rounds) {}

    private final Kernel kernel;
    private final Counts counts;
    private final Syscalls syscalls;
    private final Plan plan;
    private final WalkLength walks;
    private final int comm;
    /** By child, the parent last: its address space while all sleep. */
    private final AtomicLongArray mms;

    private volatile boolean stopping;
    private long round;
    private long reclaimed;
    private double vmasPerWalk;

    Aim7(Kernel kernel, Counts counts, Plan plan) {
        this.kernel = kernel;
        this.counts = counts;
        this.plan = plan;
        syscalls = new Syscalls(kernel, counts);
        walks = new WalkLength(kernel);
        comm = Comms.of(kernel.machine()).number("aim7");
        mms = new AtomicLongArray(plan.children() + 1);
    }

    @Override
    public boolean round(Cpu cpu) {
        if (stopping || plan.rounds() != 0 && round >= plan.rounds()) {
            return false;
        }
        round++;
        PhaseBarrier barrier = new PhaseBarrier(kernel, cpu, plan.children());
        RestAudit audit = new RestAudit(kernel, cpu);
        for (int i = 0; i <= plan.children(); i++) {
            mms.set(i, Cpu.NULL);
        }
        int on = (int) (round % kernel.machine().cpus());
        if (!barrier.made() || kernel.processes().spawnInit(cpu, own -> parent(own, barrier, audit), comm, 1, on) < 0) {
            counts.skipped.add(plan.children());
        } else {
            conduct(cpu, audit, barrier);
        }
        // Ends when every process has; the watchdog sees one that hangs.
        while (kernel.processes().live(cpu) != 0) {
            syscalls.sleep(cpu, 1);
        }
        audit.auditEmpty(cpu, "after round " + round);
        if (barrier.made()) {
            barrier.free(cpu);
        }
        return true;
    }

    private void conduct(Cpu cpu, RestAudit audit, PhaseBarrier barrier) {
        // Nobody sleeps there if all children have left.
        if (barrier.awaitWorkers(cpu) == 0) {
            return;
        }
        audit.audit(cpu, "before reclaim in round " + round);
        vmasPerWalk = walks.mean(cpu, mms, BASE, plan.pages());
        reclaim(cpu);
        audit.audit(cpu, "after reclaim in round " + round);
        barrier.release(cpu);
    }

    private void reclaim(Cpu cpu) {
        long before = kernel.vmStat().sum(cpu, VmStatItem.NR_ANON_PAGES);
        long now = before;
        for (int idle = 0; now > before / LEFT && idle < MOST_IDLE && !stopping; ) {
            syscalls.reclaim(cpu);
            long left = kernel.vmStat().sum(cpu, VmStatItem.NR_ANON_PAGES);
            idle = left < now ? 0 : idle + 1;
            now = left;
        }
        reclaimed += before - now;
    }

    private void parent(Cpu cpu, PhaseBarrier barrier, RestAudit audit) {
        int[] pids = new int[plan.children()];
        Entry.exit(cpu);
        UserProgram user = new UserProgram(kernel, counts, 1, new StampTable());
        mms.set(plan.children(), Processes.currentMm(cpu));
        long length = (long) plan.pages() * PAGE;
        boolean alive = syscalls.mmap(cpu, BASE, length, VmArea.VM_READ | VmArea.VM_WRITE, true, 0, 0) == BASE
                && write(cpu, user);
        for (int i = 0; i < plan.children(); i++) {
            int child = i;
            boolean forks = alive && !stopping;
            pids[i] =
                    forks ? syscalls.fork(cpu, own -> child(own, user, child, barrier, audit), comm, 2L + child, 0) : 0;
            if (pids[i] <= 0) {
                counts.notStarted.add(alive && stopping ? 1 : 0);
                counts.skipped.add(alive ? 0 : 1);
                barrier.leave(cpu);
            }
        }
        for (int pid : pids) {
            if (pid > 0) {
                syscalls.waitFor(cpu, pid);
            }
        }
        finish(cpu, alive && verify(cpu, user));
    }

    /** The parent waits meanwhile, so its stamps can be read without a copy. */
    private void child(Cpu cpu, UserProgram parent, int child, PhaseBarrier barrier, RestAudit audit) {
        Entry.exit(cpu);
        UserProgram own = new UserProgram(kernel, counts, 2L + child, new StampTable());
        UserProgram born = new UserProgram(kernel, counts, 2L + child, parent.stamps());
        // What came along, before it is written over.
        boolean alive = born.verify(cpu, BASE + (long) (child % plan.pages()) * PAGE) && write(cpu, own);
        if (alive) {
            long mm = Processes.currentMm(cpu);
            mms.set(child, mm);
            audit.watch(mm);
            barrier.await(cpu);
            audit.forget(mm);
        } else {
            barrier.leave(cpu);
        }
        finish(cpu, alive && verify(cpu, own));
    }

    private boolean write(Cpu cpu, UserProgram user) {
        boolean alive = true;
        for (int page = 0; page < plan.pages() && alive && !stopping; page++) {
            counts.touches.increment();
            alive = user.write(cpu, BASE + (long) page * PAGE, true);
        }
        return alive;
    }

    private boolean verify(Cpu cpu, UserProgram user) {
        boolean alive = true;
        for (int page = 0; page < plan.pages() && alive; page++) {
            long address = BASE + (long) page * PAGE;
            // Where the run was stopped, a page is as it was born.
            alive = user.stamps().expected(address) == StampTable.UNWRITTEN || user.verify(cpu, address);
        }
        return alive && !Processes.killed(cpu);
    }

    private void finish(Cpu cpu, boolean alive) {
        if (!alive) {
            counts.killed.increment();
        }
        syscalls.exit(cpu, Processes.killed(cpu) ? Processes.KILLED : 0);
        counts.processes.increment();
    }

    @Override
    public void stop() {
        stopping = true;
    }

    @Override
    public double progress() {
        double planned = plan.rounds() * (plan.children() + 1.0);
        return plan.rounds() == 0 ? -1 : Math.min(1, counts.processes.sum() / planned);
    }

    @Override
    public String nothingDone() {
        return reclaimed == 0 ? "no page was reclaimed" : "";
    }

    @Override
    public void describe(BiConsumer<String, Object> out) {
        out.accept("children", plan.children());
        out.accept("pages", plan.pages());
        out.accept("anon_vmas", kernel.config().anonVmaRules());
        out.accept("reclaimed_pages", reclaimed);
        out.accept("vmas_per_walk", vmasPerWalk);
    }
}
