package kemu.rcu.tree;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Tags;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Area;
import kemu.hw.machine.Interrupts;
import kemu.hw.machine.Machine;
import kemu.kernel.context.Preempt;
import kemu.kernel.context.Task;
import kemu.kernel.task.Sched;
import kemu.kernel.task.WaitQueue;
import kemu.rcu.Rcu;
import kemu.rcu.RcuOptions;

/** What the flavours of tree RCU have in common: everything but the readers and what ends them. */
final class TreeCore {
    private static final int SYNCHRONIZE_RCU = Tags.tag("synchronize_rcu");

    private final RcuTree tree;
    private final Rcu rcu;
    private final String flavor;
    private final Barrier barrier;
    private final Interrupts interrupts;
    private final int softirq;

    /** Lays out the tree and hooks idle, interrupts and, for background work, {@code tick}. Boot only. */
    TreeCore(Machine machine, Rcu rcu, RcuOptions options, String flavor) {
        this.tree = new RcuTree(machine, options);
        this.rcu = rcu;
        this.flavor = flavor;
        this.barrier = new Barrier(tree, rcu);
        this.interrupts = machine.interrupts();
        this.softirq = interrupts.onSoftirq(this::softirq);
        Interrupts.Handler enterIdle =
                tree.ticks() ? cpu -> Dynticks.enterIdle(cpu, tree.data(cpu)) : this::enterIdleWithoutTicks;
        Sched.of(machine).idleTasks().onIdle(enterIdle, cpu -> Dynticks.exitIdle(cpu, tree.data(cpu)));
        Interrupts.Handler exitIrq =
                tree.ticks() ? cpu -> Dynticks.exitIrq(cpu, tree.data(cpu)) : this::exitIrqWithoutTicks;
        interrupts.onInterrupt(cpu -> Dynticks.enterIrq(cpu, tree.data(cpu)), exitIrq);
    }

    RcuTree tree() {
        return tree;
    }

    /** No tick makes the grace-period thread look at this CPU again: it is told to. */
    private void enterIdleWithoutTicks(Cpu cpu) {
        long data = tree.data(cpu);
        Dynticks.enterIdle(cpu, data);
        tellIfAwaited(cpu, data);
    }

    /** The handler ends, and with it what kept this CPU from idling. */
    private void exitIrqWithoutTicks(Cpu cpu) {
        long data = tree.data(cpu);
        boolean idles = RcuData.IRQ_NESTING.get(cpu, data) == 1;
        Dynticks.exitIrq(cpu, data);
        if (idles) {
            tellIfAwaited(cpu, data);
        }
    }

    private void tellIfAwaited(Cpu cpu, @Ref(RcuData.class) long data) {
        if ((RcuNode.QSMASK.readOnce(cpu, RcuData.MYNODE.get(cpu, data)) & RcuData.GRPMASK.get(cpu, data)) != 0) {
            tree.wakeForReport(cpu);
        }
    }

    /** See {@link Rcu#synchronizeRcu}. */
    void synchronizeRcu(Cpu cpu) {
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
        Sched sched = Sched.of(tree.machine());
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

    /** See {@link Rcu#rcuBarrier}. */
    void rcuBarrier(Cpu cpu) {
        barrier.await(cpu);
    }

    /** See {@link Rcu#advance}. */
    void advance(Cpu cpu) {
        Preempt.disable(cpu);
        Preempt.irqDisable(cpu);
        GpRequest.noteChanges(cpu, tree);
        QuiescentStates.note(cpu, tree);
        Preempt.irqEnable(cpu);
        core(cpu);
        Preempt.enable(cpu);
    }

    /** First half of a tick: learns of the grace period, so that what this tick finds counts for it. */
    @Ref(RcuData.class)
    long beginTick(Cpu cpu) {
        long data = tree.data(cpu);
        RcuData.TICKS_THIS_GP.writeOnce(cpu, data, RcuData.TICKS_THIS_GP.get(cpu, data) + 1);
        GpRequest.noteChanges(cpu, tree);
        return data;
    }

    /** Second half of a tick. {@code quiescent}: it interrupted code that is in no reader. */
    void endTick(Cpu cpu, @Ref(RcuData.class) long data, boolean quiescent) {
        if (quiescent) {
            QuiescentStates.note(cpu, tree);
        } else if (RcuData.URGENT_QS.readOnce(cpu, data) != 0) {
            RcuData.URGENT_QS.writeOnce(cpu, data, 0);
            cpu.raise(cpu.id(), Area.RESCHED);
        }
        Stall.check(cpu, tree, flavor);
        if (pending(cpu, data)) {
            interrupts.raiseSoftirq(cpu, softirq);
        }
    }

    /** True if the tick interrupted code that may be preempted, or idle. */
    static boolean preemptible(Cpu cpu, @Ref(RcuData.class) long data) {
        return Preempt.count(cpu) == Area.HARDIRQ || RcuData.IRQ_NESTING.get(cpu, data) == 1;
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

    /** See {@link Rcu#gracePeriods}. */
    long gracePeriods(Cpu cpu) {
        return RcuState.COMPLETED.readOnce(cpu, tree.state());
    }

    /** See {@link Rcu#gracePeriodAge}. */
    long gracePeriodAge(Cpu cpu) {
        long started = RcuState.GP_START.readOnce(cpu, tree.state());
        return tree.gpInProgress(cpu) ? Math.max(0, tree.machine().jiffies(cpu) - started) : 0;
    }

    /** See {@link Rcu#callbacksQueued}. */
    long callbacksQueued(Cpu cpu) {
        long total = 0;
        for (int i = 0; i < tree.machine().cpus(); i++) {
            total += RcuData.INVOKED.readOnce(cpu, tree.dataOf(i)) + RcuData.LEN.readOnce(cpu, tree.dataOf(i));
        }
        return total;
    }

    /** See {@link Rcu#callbacksInvoked}. */
    long callbacksInvoked(Cpu cpu) {
        long total = 0;
        for (int i = 0; i < tree.machine().cpus(); i++) {
            total += RcuData.INVOKED.readOnce(cpu, tree.dataOf(i));
        }
        return total;
    }

    /** See {@link Rcu#stalls}. */
    long stalls(Cpu cpu) {
        return RcuState.STALLS.readOnce(cpu, tree.state());
    }
}
