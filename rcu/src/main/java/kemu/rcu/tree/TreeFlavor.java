package kemu.rcu.tree;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.rcu.RcuFlavor;
import kemu.rcu.RcuHead;

/** What the flavours of tree RCU have in common: all but how a reader begins and ends, and what a tick may credit. */
abstract class TreeFlavor implements RcuFlavor {
    final TreeCore core;
    final RcuTree tree;
    private final String name;

    TreeFlavor(TreeCore core, String name) {
        this.core = core;
        this.tree = core.tree();
        this.name = name;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final void callRcu(Cpu cpu, @Ref(RcuHead.class) long head) {
        Callbacks.queue(cpu, tree, head);
    }

    @Override
    public final void synchronizeRcu(Cpu cpu) {
        core.synchronizeRcu(cpu);
    }

    @Override
    public final void rcuBarrier(Cpu cpu) {
        core.rcuBarrier(cpu);
    }

    @Override
    public final void runGracePeriods(Cpu cpu) {
        GpThread.run(cpu, tree);
    }

    @Override
    public final void advance(Cpu cpu) {
        core.advance(cpu);
    }

    @Override
    public final long gracePeriods(Cpu cpu) {
        return core.gracePeriods(cpu);
    }

    @Override
    public final long gracePeriodAge(Cpu cpu) {
        return core.gracePeriodAge(cpu);
    }

    @Override
    public final long callbacksQueued(Cpu cpu) {
        return core.callbacksQueued(cpu);
    }

    @Override
    public final long callbacksInvoked(Cpu cpu) {
        return core.callbacksInvoked(cpu);
    }

    @Override
    public final long stalls(Cpu cpu) {
        return core.stalls(cpu);
    }
}
