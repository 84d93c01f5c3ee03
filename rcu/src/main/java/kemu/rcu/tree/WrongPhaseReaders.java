package kemu.rcu.tree;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;

/**
 * <b>Known bad:</b> takes every preempted reader for one that began after its CPU had reported, so the running grace
 * period does not wait for it. No kernel was like that.
 */
final class WrongPhaseReaders extends BlockedReaders {
    WrongPhaseReaders(Machine machine, RcuTree tree) {
        super(machine, tree);
    }

    @Override
    boolean mayBeOlder(Cpu cpu, @Ref(RcuNode.class) long leaf, @Ref(RcuData.class) long data) {
        return false;
    }
}
