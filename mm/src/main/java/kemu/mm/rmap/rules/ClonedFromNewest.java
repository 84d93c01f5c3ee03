package kemu.mm.rmap.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.rcu.list.ListHead;

/**
 * anon_vma_clone goes from the newest to the root, so that every second copy of a chain is turned round. Children still
 * pin the root, so it is sound. Source: Linux 2.6.34-rc1 mm/rmap.c, before 646d87b481da, with the root of 2.6.36;
 * rmap-clone-order compares it.
 */
final class ClonedFromNewest extends KernelLife {
    @Override
    public @Ref(ListHead.class) long nextToClone(Cpu cpu, @Ref(ListHead.class) long at) {
        return ListHead.next(cpu, at);
    }
}
