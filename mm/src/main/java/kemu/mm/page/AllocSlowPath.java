package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Area;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineConfig;
import kemu.kernel.context.Preempt;
import kemu.kernel.context.Task;
import kemu.kernel.task.Sched;

/**
 * What an allocation does when memory is below the low watermark: wake kswapd, go down to the minimum, reclaim itself,
 * and in the end have a victim killed.
 *
 * <p>Source: Linux 2.6.36 mm/page_alloc.c, __alloc_pages_slowpath(); rounds are bounded here.
 */
final class AllocSlowPath {
    /** Orders above this neither retry nor kill. */
    private static final int COSTLY_ORDER = 3;
    /**
     * Rounds in which reclaim got next to nothing, after which an allocation fails; each of them killed or slept. Those
     * whose pages others took do not count: they get on.
     */
    private static final int MAX_IDLE_ROUNDS = 1000;
    /**
     * Rounds in a row in which nothing could be reclaimed before somebody is killed: who uses all of memory at that
     * moment, or is about to exit, is given time. As since Linux 4.7, MAX_RECLAIM_RETRIES; 2.6.36 waited for a tenth of
     * a second at each priority instead.
     */
    private static final int MAX_RECLAIM_RETRIES = 16;
    /** Rounds in a row whose reclaim got pages that others took, after which the task waits a little. */
    private static final int ROUNDS_BEFORE_WAIT = 4;

    private static final long WAIT_JIFFIES = MachineConfig.HZ / 50;

    private final Machine machine;
    private final PageAllocator pages;
    private final Watermarks marks;
    private final PerCpuPages perCpu;
    private final VmStat vmStat;
    private final int drainCall;
    private Reclaimer reclaimer;

    AllocSlowPath(Machine machine, PageAllocator pages, Watermarks marks, PerCpuPages perCpu, VmStat vmStat) {
        this.machine = machine;
        this.pages = pages;
        this.marks = marks;
        this.perCpu = perCpu;
        this.vmStat = vmStat;
        drainCall = Sched.of(machine).crossCalls().register((cpu, argument) -> perCpu.drainLocal(cpu));
    }

    void reclaimer(Reclaimer maker) {
        reclaimer = maker;
    }

    /** A block that carries PG_FREE, or NULL. */
    @Ref(Page.class)
    long alloc(Cpu cpu, int gfp, int order) {
        if (reclaimer != null) {
            reclaimer.wakeKswapd(cpu);
        }
        int flags = allocFlags(cpu, gfp);
        long page = pages.takeAbove(cpu, order, marks.min(), flags);
        boolean mayReclaim = (gfp & Gfp.WAIT) != 0
                && reclaimer != null
                && (flags & Watermarks.ALLOC_NO_WATERMARKS) == 0
                && machine.running();
        if (page != Cpu.NULL || !mayReclaim) {
            return page;
        }
        Preempt.mightSleep(cpu, "alloc_pages");
        return reclaimAndAlloc(cpu, gfp, order);
    }

    /** gfp_to_alloc_flags; as in later versions, not to be able to wait is not enough to go harder. */
    private static int allocFlags(Cpu cpu, int gfp) {
        int flags = (gfp & Gfp.HIGH) != 0 ? Watermarks.ALLOC_HIGH : 0;
        if ((gfp & (Gfp.HIGH | Gfp.WAIT)) == Gfp.HIGH) {
            flags |= Watermarks.ALLOC_HARDER;
        }
        boolean inInterrupt = Preempt.count(cpu) >= Area.SOFTIRQ;
        int reserves = Task.PF_MEMALLOC | Task.PF_OOM_VICTIM;
        if (!inInterrupt && (Task.FLAGS.readOnce(cpu, Sched.current(cpu)) & reserves) != 0) {
            flags |= Watermarks.ALLOC_NO_WATERMARKS;
        }
        return flags;
    }

    private long reclaimAndAlloc(Cpu cpu, int gfp, int order) {
        int idle = 0;
        int vain = 0;
        for (int round = 1; idle < MAX_IDLE_ROUNDS; round++) {
            long progress = directReclaim(cpu, gfp, order);
            idle += progress <= 1 ? 1 : 0;
            long page = pages.takeAbove(cpu, order, marks.min(), allocFlags(cpu, gfp));
            if (page == Cpu.NULL && progress != 0) {
                // What was reclaimed may sit on other CPUs' lists.
                drainAll(cpu);
                page = pages.takeAbove(cpu, order, marks.min(), allocFlags(cpu, gfp));
            }
            if (page != Cpu.NULL) {
                return page;
            }
            boolean dying = (Task.FLAGS.readOnce(cpu, Sched.current(cpu)) & Task.PF_OOM_VICTIM) != 0;
            if (dying || order > COSTLY_ORDER || (gfp & Gfp.NORETRY) != 0) {
                return Cpu.NULL;
            }
            vain = progress == 0 ? vain + 1 : 0;
            if (progress == 0) {
                drainAll(cpu);
                page = pages.takeAbove(cpu, order, marks.high(), 0);
                if (page != Cpu.NULL) {
                    return page;
                }
                if (vain % MAX_RECLAIM_RETRIES == 0 && !reclaimer.outOfMemory(cpu)) {
                    return Cpu.NULL;
                }
                Sched.of(machine).sleep(cpu, 1);
            } else if (round % ROUNDS_BEFORE_WAIT == 0) {
                Sched.of(machine).sleep(cpu, WAIT_JIFFIES);
            }
        }
        return Cpu.NULL;
    }

    /** __alloc_pages_direct_reclaim: PF_MEMALLOC keeps what reclaim itself allocates from reclaiming again. */
    private long directReclaim(Cpu cpu, int gfp, int order) {
        long task = Sched.current(cpu);
        vmStat.inc(cpu, VmStatItem.ALLOCSTALL);
        Task.FLAGS.setBits(cpu, task, Task.PF_MEMALLOC);
        long progress = reclaimer.directReclaim(cpu, gfp, order);
        Task.FLAGS.clearBits(cpu, task, Task.PF_MEMALLOC);
        Sched.of(machine).condResched(cpu);
        return progress;
    }

    /** drain_all_pages. Context: interrupts enabled. */
    void drainAll(Cpu cpu) {
        perCpu.drainLocal(cpu);
        if (machine.running()) {
            Sched.of(machine)
                    .crossCalls()
                    .callMany(cpu, Sched.of(machine).crossCalls().allCpus(), drainCall, 0);
        }
    }
}
