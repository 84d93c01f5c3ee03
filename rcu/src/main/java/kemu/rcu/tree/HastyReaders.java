package kemu.rcu.tree;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;

/**
 * <b>Known bad:</b> a reader that ends under a lock leaves the list at once, though the lock makes it last. No kernel
 * was like that.
 */
final class HastyReaders extends BlockedReaders {
    HastyReaders(Machine machine, RcuTree tree) {
        super(machine, tree);
    }

    @Override
    boolean mayLeave(Cpu cpu) {
        return true;
    }
}
