package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;
import kemu.mm.file.AddressSpace;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.types.AnonVma;

/**
 * take_rmap_locks: keeps walks of a file and of a tree of anon_vmas out. i_mmap_lock comes first; the other way round
 * if the root's lock may sleep, as it may not inside. Source: Linux 3.7 mm/mremap.c.
 */
final class RmapLocks {
    private final AnonVmaLocking locking;

    RmapLocks(AnonVmaLocking locking) {
        this.locking = locking;
    }

    /** Takes both; either may be NULL. */
    void lock(Cpu cpu, @Ref(AddressSpace.class) long file, @Ref(AnonVma.class) long anonVma) {
        if (anonVma != Cpu.NULL && locking.maySleep()) {
            locking.lock(cpu, anonVma);
        }
        if (file != Cpu.NULL) {
            SpinLock.lock(cpu, AddressSpace.I_MMAP_LOCK.of(file));
        }
        if (anonVma != Cpu.NULL && !locking.maySleep()) {
            locking.lock(cpu, anonVma);
        }
    }

    /** Undoes {@link #lock}. */
    void unlock(Cpu cpu, @Ref(AddressSpace.class) long file, @Ref(AnonVma.class) long anonVma) {
        if (anonVma != Cpu.NULL && !locking.maySleep()) {
            locking.unlock(cpu, anonVma);
        }
        if (file != Cpu.NULL) {
            SpinLock.unlock(cpu, AddressSpace.I_MMAP_LOCK.of(file));
        }
        if (anonVma != Cpu.NULL && locking.maySleep()) {
            locking.unlock(cpu, anonVma);
        }
    }
}
