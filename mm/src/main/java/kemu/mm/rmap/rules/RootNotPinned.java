package kemu.mm.rmap.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.rmap.AnonVmaRefs;
import kemu.mm.types.AnonVma;

/**
 * Children hold no reference on the root, as in 2.6.36 without KSM and migration: the order in which a VMA leaves its
 * anon_vmas keeps the root. <b>Known bad</b> with a lookup that pins a child, which then outlives the root;
 * rmap-root-order convicts it.
 */
class RootNotPinned extends KernelLife {
    @Override
    public final void childMade(Cpu cpu, AnonVmaRefs refs, @Ref(AnonVma.class) long root) {
        // The parent's VMA and the order of unlinking keep the root.
    }

    @Override
    final void childGone(Cpu cpu, AnonVmaRefs refs, @Ref(AnonVma.class) long root) {
        // Nothing was taken.
    }
}
