package kemu.mm.reclaim;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.mem.PhysMem;
import kemu.hw.order.Barriers;
import kemu.kernel.context.Task;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Comms;
import kemu.kernel.task.Sched;
import kemu.kernel.task.TaskTable;
import kemu.mm.page.Lru;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.swap.Swap;
import kemu.mm.types.MmStruct;

/**
 * The OOM killer: marks the process with the most memory, resident and swapped, and every task that shares its address
 * space. A victim exits at its next return to user mode, and its allocations may use the reserves until then.
 *
 * <p>Source: Linux 2.6.36 mm/oom_kill.c, select_bad_process(), oom_badness(), oom_kill_process().
 */
final class OomKiller {
    /** Counters of an mm before the second look at its owner. */
    private static final int READ_COUNTERS = Barriers.fence("oom.READ_COUNTERS");

    private static final int KIB_PER_PAGE = PhysMem.PAGE_SIZE / 1024;
    private static final long SCORE_SCALE = 1000;

    private final VmStat vmStat;
    private final PageAllocator pages;
    private final Lru lru;
    private final Swap swap;
    private final Sched sched;
    private final TaskTable tasks;
    private final long state;
    private volatile OomReport sink = line -> {};

    OomKiller(
            Machine machine,
            VmStat vmStat,
            PageAllocator pages,
            Lru lru,
            Swap swap,
            @Ref(ReclaimState.class) long state) {
        this.vmStat = vmStat;
        this.pages = pages;
        this.lru = lru;
        this.swap = swap;
        this.sched = Sched.of(machine);
        this.tasks = sched.tasks();
        this.state = state;
    }

    void reportTo(OomReport report) {
        sink = report;
    }

    /**
     * out_of_memory: has the biggest process killed unless one is dying or exiting already.
     *
     * @return true: memory is to be expected, so wait and try again
     * @throws KernelBug if there is nobody to kill
     */
    boolean outOfMemory(Cpu cpu) {
        SpinLock.lock(cpu, ReclaimState.OOM_LOCK.of(state));
        int dying = 0;
        long victim = Cpu.NULL;
        long most = 0;
        for (int slot = 0; slot < tasks.count() && dying == 0; slot++) {
            long task = tasks.at(slot);
            if (isDying(cpu, task) || isExiting(cpu, task)) {
                dying++;
            } else {
                long size = sizeOf(cpu, task);
                if (size > most) {
                    most = size;
                    victim = task;
                }
            }
        }
        boolean killed = dying == 0 && victim != Cpu.NULL && kill(cpu, victim, most);
        SpinLock.unlock(cpu, ReclaimState.OOM_LOCK.of(state));
        if (dying == 0 && victim == Cpu.NULL) {
            throw new KernelBug(
                    FailureKind.OUT_OF_MEMORY,
                    "Kernel panic - not syncing: Out of memory and no killable processes... on CPU#"
                            + cpu.id() + ", " + pages.freePageCount(cpu) + " of "
                            + pages.totalPages() + " pages free");
        }
        if (killed) {
            wakeWaiters(cpu);
        }
        return true;
    }

    /** True while a victim has not finished exiting. */
    private static boolean isDying(Cpu cpu, long task) {
        return (Task.FLAGS.readOnce(cpu, task) & Task.PF_OOM_VICTIM) != 0
                && Task.STATE.readOnce(cpu, task) != Task.DEAD
                && Task.USAGE.readOnce(cpu, task) != 0;
    }

    /** True while a process gives back its address space by itself: what it frees may be enough. */
    private static boolean isExiting(Cpu cpu, long task) {
        return Task.MM.readOnce(cpu, task) == Cpu.NULL
                && Task.PROCESS.readOnce(cpu, task) != Cpu.NULL
                && Task.STATE.readOnce(cpu, task) != Task.DEAD
                && Task.USAGE.readOnce(cpu, task) != 0;
    }

    /**
     * oom_badness: pages of the task's mm, 0 if it cannot be killed. The mm may be freed while we read, so the counters
     * count only if the task still has it afterwards: a task gives up its mm before it drops its reference.
     */
    private static long sizeOf(Cpu cpu, long task) {
        if (Task.STATE.readOnce(cpu, task) == Task.DEAD || (Task.FLAGS.readOnce(cpu, task) & Task.PF_KTHREAD) != 0) {
            return 0;
        }
        long mm = Task.MM.readOnce(cpu, task);
        if (mm == Cpu.NULL) {
            return 0;
        }
        // A process that has nothing yet can still be killed.
        long pages = 1
                + MmStruct.ANON_RSS.readOnce(cpu, mm)
                + MmStruct.FILE_RSS.readOnce(cpu, mm)
                + MmStruct.SWAPENTS.readOnce(cpu, mm)
                + MmStruct.NR_PTES.readOnce(cpu, mm);
        cpu.smpRmb(READ_COUNTERS);
        return Task.MM.readOnce(cpu, task) == mm ? pages : 0;
    }

    /** oom_kill_process. False if the victim went away by itself. Context: oom_lock. */
    private boolean kill(Cpu cpu, long victim, long used) {
        long mm = Task.MM.readOnce(cpu, victim);
        if (mm == Cpu.NULL || !Task.USAGE.addUnless(cpu, victim, 1, 0)) {
            return false;
        }
        int pid = Task.PID.readOnce(cpu, victim);
        // The slot may have a new owner since we measured it; then that one is spared.
        boolean same = Task.MM.readOnce(cpu, victim) == mm && Task.STATE.readOnce(cpu, victim) != Task.DEAD;
        if (same) {
            String name = Comms.of(cpu).nameOf(cpu, victim);
            long anon = MmStruct.ANON_RSS.readOnce(cpu, mm);
            long file = MmStruct.FILE_RSS.readOnce(cpu, mm);
            mark(cpu, mm);
            vmStatKill(cpu);
            sink.line("Out of memory: Kill process " + pid + " (" + name + ") score "
                    + used * SCORE_SCALE / (pages.totalPages() + swap.capacity()) + " or sacrifice child");
            sink.line("Killed process " + pid + " (" + name + ") total-vm:" + used * KIB_PER_PAGE + "kB, anon-rss:"
                    + anon * KIB_PER_PAGE + "kB, file-rss:" + file * KIB_PER_PAGE + "kB");
            sink.line(memInfo(cpu));
        }
        sched.put(cpu, victim);
        return same;
    }

    /** show_free_areas: where the pages are; racy. */
    private String memInfo(Cpu cpu) {
        return "Mem-Info: active_anon:" + lru.size(cpu, Lru.ACTIVE_ANON) + " inactive_anon:"
                + lru.size(cpu, Lru.INACTIVE_ANON) + " active_file:" + lru.size(cpu, Lru.ACTIVE_FILE)
                + " inactive_file:" + lru.size(cpu, Lru.INACTIVE_FILE) + " unevictable:"
                + lru.size(cpu, Lru.UNEVICTABLE) + " free:" + pages.freePageCount(cpu) + " pages_scanned:"
                + ReclaimState.PAGES_SCANNED.readOnce(cpu, state) + " free_swap:" + swap.freeEntries(cpu);
    }

    private void vmStatKill(Cpu cpu) {
        vmStat.inc(cpu, VmStatItem.OOM_KILL);
        ReclaimState.OOM_KILLS.writeOnce(cpu, state, ReclaimState.OOM_KILLS.get(cpu, state) + 1);
    }

    /** Marks every task that uses {@code mm}: the memory comes back only when all of them are gone. */
    private void mark(Cpu cpu, long mm) {
        for (int slot = 0; slot < tasks.count(); slot++) {
            long task = tasks.at(slot);
            if (Task.MM.readOnce(cpu, task) == mm && Task.USAGE.addUnless(cpu, task, 1, 0)) {
                if (Task.MM.readOnce(cpu, task) == mm) {
                    Task.FLAGS.setBits(cpu, task, Task.PF_OOM_VICTIM);
                }
                sched.put(cpu, task);
            }
        }
    }

    /** Wakes victims that sleep until a child exits: they have to exit first. */
    private void wakeWaiters(Cpu cpu) {
        for (int slot = 0; slot < tasks.count(); slot++) {
            long task = tasks.at(slot);
            if (isDying(cpu, task) && Task.STATE.readOnce(cpu, task) == Task.INTERRUPTIBLE) {
                sched.wakeUp(cpu, task);
            }
        }
    }
}
