package kemu.mm.rmap.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.types.AnonVma;

/**
 * anon_vma_prepare links a VMA to a new anon_vma without its lock: before 2.6.28 (d9d332e0874). <b>Known bad:</b> a
 * looker of the slot's last life walks the list meanwhile; rmap-prepare-nolock convicts it.
 */
final class NewNotLocked extends KernelLife {
    @Override
    public void lockToPrepare(Cpu cpu, AnonVmaLocking locking, @Ref(AnonVma.class) long anonVma, boolean isNew) {
        if (!isNew) {
            locking.lock(cpu, anonVma);
        }
    }

    @Override
    public void unlockPrepared(Cpu cpu, AnonVmaLocking locking, @Ref(AnonVma.class) long anonVma, boolean isNew) {
        if (!isNew) {
            locking.unlock(cpu, anonVma);
        }
    }
}
