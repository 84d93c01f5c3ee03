package kemu.rcu.tree;

import java.util.function.BiFunction;
import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Area;
import kemu.hw.machine.Machine;
import kemu.kernel.context.Preempt;
import kemu.kernel.context.Task;
import kemu.kernel.task.Sched;
import kemu.rcu.Rcu;
import kemu.rcu.RcuFlavor;

/**
 * Tree RCU whose readers may be preempted: a reader only counts in its task. A reader that loses its CPU is put on its
 * leaf's list, and the grace periods that it is older than wait for it there, so a context switch is a quiescent state
 * of the CPU all the same. Code with preemption disabled is a reader too.
 *
 * <p>A reader that was preempted leaves the list when it ends. If preemption or interrupts are disabled then, that may
 * be the middle of a longer reader, so it leaves at the next context switch, or at a tick that finds all over.
 *
 * <p>Source: Linux 6.1 kernel/rcu/tree_plugin.h for PREEMPT_RCU (TREE_PREEMPT_RCU before 3.13), without expedited grace
 * periods and priority boosting; the differences named in {@link SchedFlavor} apply.
 */
public final class PreemptFlavor extends TreeFlavor {
    private static final String NAME = "rcu_preempt";

    private final BlockedReaders blocked;

    PreemptFlavor(Machine machine, Rcu rcu, BiFunction<Machine, RcuTree, BlockedReaders> readers) {
        super(new TreeCore(machine, rcu, rcu.options(), NAME), NAME);
        this.blocked = readers.apply(machine, tree);
        tree.blockedReaders(blocked);
        Sched.of(machine).beforeContextSwitch(this::noteContextSwitch);
        if (rcu.options().background()) {
            machine.interrupts().onTick(this::tick);
        }
    }

    /** Lays out the tree and hooks the scheduler and the interrupts of {@code machine}. Boot only. */
    public static RcuFlavor boot(Machine machine, Rcu rcu) {
        return new PreemptFlavor(machine, rcu, BlockedReaders::new);
    }

    /** rcu_note_context_switch. Context: interrupts disabled, no locks held. */
    private void noteContextSwitch(Cpu cpu) {
        long task = Sched.current(cpu);
        if (Task.inReader(cpu, task)) {
            blocked.preempted(cpu, task);
        } else {
            blocked.ended(cpu, task);
        }
        QuiescentStates.noteContextSwitch(cpu, tree);
    }

    /** rcu_flavor_sched_clock_irq. Context: tick. */
    private void tick(Cpu cpu) {
        long data = core.beginTick(cpu);
        long task = Sched.current(cpu);
        boolean reader = Task.inReader(cpu, task);
        boolean quiescent = !reader && TreeCore.preemptible(cpu, data);
        if (quiescent) {
            blocked.ended(cpu, task);
        } else if (reader && RcuData.CORE_NEEDS_QS.get(cpu, data) != 0 && old(cpu)) {
            BlockedReaders.askForReport(cpu, task);
        }
        core.endTick(cpu, data, quiescent);
    }

    private boolean old(Cpu cpu) {
        long age = tree.machine().jiffies(cpu) - RcuState.GP_START.readOnce(cpu, tree.state());
        return age > tree.options().schedQsJiffies();
    }

    @Override
    public void readLock(Cpu cpu) {
        long task = Sched.current(cpu);
        Task.RCU_NESTING.set(cpu, task, Task.RCU_NESTING.get(cpu, task) + 1);
    }

    @Override
    public void readUnlock(Cpu cpu) {
        long task = Sched.current(cpu);
        int left = Task.RCU_NESTING.get(cpu, task) - 1;
        Task.RCU_NESTING.set(cpu, task, left);
        if (left != 0 && (left & Task.RCU_NESTING_MASK) == 0) {
            unlockSpecial(cpu, task);
        }
    }

    /** rcu_read_unlock_special: the outermost reader has ended, and somebody waits for that. */
    private void unlockSpecial(Cpu cpu, @Ref(Task.class) long task) {
        if (!blocked.mayLeave(cpu)) {
            cpu.raise(cpu.id(), Area.RESCHED);
            return;
        }
        Preempt.irqDisable(cpu);
        if (blocked.ended(cpu, task)) {
            QuiescentStates.note(cpu, tree);
        }
        Preempt.irqEnable(cpu);
    }
}
