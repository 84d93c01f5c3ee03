package kemu.rcu.tree;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Tags;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Area;
import kemu.hw.machine.Interrupts;
import kemu.hw.machine.Machine;
import kemu.hw.machine.Preempt;
import kemu.hw.task.Sched;
import kemu.hw.task.Task;
import kemu.hw.task.WaitQueue;
import kemu.rcu.Rcu;
import kemu.rcu.RcuFlavor;
import kemu.rcu.RcuHead;
import kemu.rcu.RcuOptions;

/**
 * Tree RCU whose readers disable preemption. Quiescent states are context switches, idle, and ticks that find
 * preemption enabled, which includes all of user mode.
 *
 * <p>Source: Linux 6.1 kernel/rcu/tree.c for TREE_RCU, with these differences: a tick also credits preemptible kernel
 * code (as 6.7 does with PREEMPT_COUNT); the first look for idle CPUs comes at once by default; {@code synchronize_rcu}
 * sleeps on the sequence number itself and is woken by the grace-period thread (as 6.10 can), not by a callback; CPUs
 * do not come and go; batches of callbacks grow faster with the backlog.
 */
public final class SchedFlavor implements RcuFlavor {
    private static final int SYNCHRONIZE_RCU = Tags.tag("synchronize_rcu");
    private static final String NAME = "rcu_sched";

    private final RcuTree tree;
    private final Rcu rcu;
    private final Barrier barrier;
    private final Interrupts interrupts;
    private final int softirq;

    private SchedFlavor(Machine machine, Rcu rcu, RcuOptions options) {
        this.tree = new RcuTree(machine, options);
        this.rcu = rcu;
        this.barrier = new Barrier(tree, rcu);
        this.interrupts = machine.interrupts();
        this.softirq = interrupts.onSoftirq(this::softirq);
        machine.sched().onContextSwitch(cpu -> QuiescentStates.noteContextSwitch(cpu, tree));
        Interrupts.Handler enterIdle =
                options.background() ? cpu -> Dynticks.enterIdle(cpu, tree.data(cpu)) : this::enterIdleWithoutTicks;
        machine.sched().onIdle(enterIdle, cpu -> Dynticks.exitIdle(cpu, tree.data(cpu)));
        interrupts.onInterrupt(
                cpu -> Dynticks.enterIrq(cpu, tree.data(cpu)), cpu -> Dynticks.exitIrq(cpu, tree.data(cpu)));
        if (options.background()) {
            interrupts.onTick(this::tick);
        }
    }

    /** Lays out the tree and hooks the scheduler and the interrupts of {@code machine}. Boot only. */
    public static RcuFlavor boot(Machine machine, Rcu rcu) {
        return new SchedFlavor(machine, rcu, rcu.options());
    }

    /** Where no tick makes the grace-period thread look again, the CPU that it waits for does. */
    private void enterIdleWithoutTicks(Cpu cpu) {
        long data = tree.data(cpu);
        Dynticks.enterIdle(cpu, data);
        if ((RcuNode.QSMASK.readOnce(cpu, RcuData.MYNODE.get(cpu, data)) & RcuData.GRPMASK.get(cpu, data)) != 0) {
            ForceQs.request(cpu, tree);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void readLock(Cpu cpu) {
        Preempt.disable(cpu);
    }

    @Override
    public void readUnlock(Cpu cpu) {
        Preempt.enable(cpu);
    }

    @Override
    public void callRcu(Cpu cpu, @Ref(RcuHead.class) long head) {
        Callbacks.queue(cpu, tree, head);
    }

    @Override
    public void synchronizeRcu(Cpu cpu) {
        if (!tree.machine().running()) {
            // Boot is alone: there is no reader.
            return;
        }
        long began = cpu.clock();
        cpu.smpMb(RcuBarriers.SYNCHRONIZE);
        long state = tree.state();
        long leaf = RcuData.MYNODE.get(cpu, tree.data(cpu));
        RcuTree.lock(cpu, leaf);
        long snap = GpSeq.snap(RcuState.GP_SEQ.readOnce(cpu, state));
        boolean wake = GpRequest.start(cpu, tree, leaf, snap);
        RcuTree.unlock(cpu, leaf);
        if (wake) {
            tree.wakeGpThread(cpu);
        }
        long queue = RcuState.SYNC_WQ.of(state);
        Sched sched = tree.machine().sched();
        WaitQueue.prepare(cpu, queue, Task.UNINTERRUPTIBLE);
        // Ends with the grace period; the stall detector reports one that does not end.
        while (!GpSeq.done(RcuState.GP_SEQ.acquire(cpu, state), snap)) {
            sched.schedule(cpu);
            WaitQueue.prepare(cpu, queue, Task.UNINTERRUPTIBLE);
        }
        WaitQueue.finish(cpu, queue);
        cpu.smpMb(RcuBarriers.SYNCHRONIZE);
        cpu.record(SYNCHRONIZE_RCU, cpu.clock() - began);
    }

    @Override
    public void rcuBarrier(Cpu cpu) {
        barrier.await(cpu);
    }

    @Override
    public void runGracePeriods(Cpu cpu) {
        GpThread.run(cpu, tree);
    }

    @Override
    public void advance(Cpu cpu) {
        Preempt.disable(cpu);
        Preempt.irqDisable(cpu);
        GpRequest.noteChanges(cpu, tree);
        QuiescentStates.note(cpu, tree);
        Preempt.irqEnable(cpu);
        core(cpu);
        Preempt.enable(cpu);
    }

    /** rcu_sched_clock_irq. Context: tick. */
    private void tick(Cpu cpu) {
        long data = tree.data(cpu);
        RcuData.TICKS_THIS_GP.writeOnce(cpu, data, RcuData.TICKS_THIS_GP.get(cpu, data) + 1);
        // First learn of the grace period, so that what this tick finds counts for it.
        GpRequest.noteChanges(cpu, tree);
        if (quiescent(cpu, data)) {
            QuiescentStates.note(cpu, tree);
        } else if (RcuData.URGENT_QS.readOnce(cpu, data) != 0) {
            RcuData.URGENT_QS.writeOnce(cpu, data, 0);
            cpu.raise(cpu.id(), Area.RESCHED);
        }
        Stall.check(cpu, tree, NAME);
        if (pending(cpu, data)) {
            interrupts.raiseSoftirq(cpu, softirq);
        }
    }

    /** True if the tick interrupted code that is in no reader: preemption was enabled, or the CPU idled. */
    private static boolean quiescent(Cpu cpu, long data) {
        return Preempt.count(cpu) == Preempt.HARDIRQ || RcuData.IRQ_NESTING.get(cpu, data) == 1;
    }

    /** rcu_pending: true if the softirq has something to do. */
    private boolean pending(Cpu cpu, long data) {
        long list = RcuData.CBLIST.of(data);
        return (RcuData.CORE_NEEDS_QS.get(cpu, data) != 0 && RcuData.CPU_NO_QS.get(cpu, data) == 0)
                || SegCbList.ready(cpu, list)
                || (SegCbList.unassigned(cpu, list) && !tree.gpInProgress(cpu));
    }

    private void softirq(Cpu cpu) {
        if (core(cpu)) {
            interrupts.raiseSoftirq(cpu, softirq);
        }
    }

    /** rcu_core: reports, asks, invokes. True if more callbacks are ready. Context: own CPU, preemption disabled. */
    private boolean core(Cpu cpu) {
        Preempt.irqDisable(cpu);
        QuiescentStates.check(cpu, tree);
        Callbacks.startIfNeeded(cpu, tree);
        Preempt.irqEnable(cpu);
        return Callbacks.invokeBatch(cpu, tree, rcu);
    }

    @Override
    public long gracePeriods(Cpu cpu) {
        return RcuState.COMPLETED.readOnce(cpu, tree.state());
    }

    @Override
    public long callbacksQueued(Cpu cpu) {
        long total = 0;
        for (int i = 0; i < tree.machine().cpus(); i++) {
            total += RcuData.INVOKED.readOnce(cpu, tree.dataOf(i)) + RcuData.LEN.readOnce(cpu, tree.dataOf(i));
        }
        return total;
    }

    @Override
    public long callbacksInvoked(Cpu cpu) {
        long total = 0;
        for (int i = 0; i < tree.machine().cpus(); i++) {
            total += RcuData.INVOKED.readOnce(cpu, tree.dataOf(i));
        }
        return total;
    }

    @Override
    public long stalls(Cpu cpu) {
        return RcuState.STALLS.readOnce(cpu, tree.state());
    }
}
