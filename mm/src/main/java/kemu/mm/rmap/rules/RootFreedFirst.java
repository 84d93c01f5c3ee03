package kemu.mm.rmap.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.rmap.AnonVmaRefs;
import kemu.mm.types.AnonVma;

/**
 * __put_anon_vma frees the root before the child, whose free still reads it: 2.6.39 to 3.15, before 624483f3ea82.
 * <b>Known bad:</b> rmap-put-order convicts it.
 */
final class RootFreedFirst extends KernelLife {
    @Override
    public void release(Cpu cpu, AnonVmaRefs refs, @Ref(AnonVma.class) long anonVma) {
        long root = AnonVma.ROOT.readOnce(cpu, anonVma);
        if (root != anonVma) {
            childGone(cpu, refs, root);
        }
        refs.free(cpu, anonVma);
    }
}
