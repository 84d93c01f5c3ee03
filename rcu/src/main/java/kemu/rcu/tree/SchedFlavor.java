package kemu.rcu.tree;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.machine.Preempt;
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
    private static final String NAME = "rcu_sched";

    private final TreeCore core;
    private final RcuTree tree;

    private SchedFlavor(Machine machine, Rcu rcu, RcuOptions options) {
        this.core = new TreeCore(machine, rcu, options, NAME);
        this.tree = core.tree();
        machine.sched().onContextSwitch(cpu -> QuiescentStates.noteContextSwitch(cpu, tree));
        if (options.background()) {
            machine.interrupts().onTick(this::tick);
        }
    }

    /** Lays out the tree and hooks the scheduler and the interrupts of {@code machine}. Boot only. */
    public static RcuFlavor boot(Machine machine, Rcu rcu) {
        return new SchedFlavor(machine, rcu, rcu.options());
    }

    /** rcu_sched_clock_irq. Context: tick. */
    private void tick(Cpu cpu) {
        long data = core.beginTick(cpu);
        core.endTick(cpu, data, TreeCore.preemptible(cpu, data));
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
        core.synchronizeRcu(cpu);
    }

    @Override
    public void rcuBarrier(Cpu cpu) {
        core.rcuBarrier(cpu);
    }

    @Override
    public void runGracePeriods(Cpu cpu) {
        GpThread.run(cpu, tree);
    }

    @Override
    public void advance(Cpu cpu) {
        core.advance(cpu);
    }

    @Override
    public long gracePeriods(Cpu cpu) {
        return core.gracePeriods(cpu);
    }

    @Override
    public long callbacksQueued(Cpu cpu) {
        return core.callbacksQueued(cpu);
    }

    @Override
    public long callbacksInvoked(Cpu cpu) {
        return core.callbacksInvoked(cpu);
    }

    @Override
    public long stalls(Cpu cpu) {
        return core.stalls(cpu);
    }
}
