package kemu.mm.rmap.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.rcu.list.ListHead;

/**
 * The same, and no child pins the root. <b>Known bad:</b> a grandchild's VMA leaves the root before its parent's
 * anon_vma, whose lock is in the root; rmap-clone-order convicts it.
 */
final class ClonedFromNewestNotPinned extends RootNotPinned {
    @Override
    public @Ref(ListHead.class) long nextToClone(Cpu cpu, @Ref(ListHead.class) long at) {
        return ListHead.next(cpu, at);
    }
}
