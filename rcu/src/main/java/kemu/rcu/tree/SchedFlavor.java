package kemu.rcu.tree;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.kernel.context.Preempt;
import kemu.kernel.task.Sched;
import kemu.rcu.Rcu;
import kemu.rcu.RcuFlavor;
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
public final class SchedFlavor extends TreeFlavor {
    private static final String NAME = "rcu_sched";

    private SchedFlavor(Machine machine, Rcu rcu, RcuOptions options) {
        super(new TreeCore(machine, rcu, options, NAME), NAME);
        Sched.of(machine).onContextSwitch(cpu -> QuiescentStates.noteContextSwitch(cpu, tree));
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
    public void readLock(Cpu cpu) {
        Preempt.disable(cpu);
    }

    @Override
    public void readUnlock(Cpu cpu) {
        Preempt.enable(cpu);
    }
}
