package kemu.rcu.tree;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.kernel.context.Task;

/** <b>Known bad:</b> forgets preempted readers, so grace periods end before they do. No kernel was like that. */
final class ForgottenReaders extends BlockedReaders {
    ForgottenReaders(Machine machine, RcuTree tree) {
        super(machine, tree);
    }

    @Override
    void preempted(Cpu cpu, @Ref(Task.class) long task) {
        // Forgotten.
    }
}
