package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.task.RwSem;
import kemu.mm.types.MmStruct;

/** mmap_sem for those who change VMAs, with what lookups without it have to know. */
public final class MmapLock {
    private final VmaLookup lookup;

    MmapLock(VmaLookup lookup) {
        this.lookup = lookup;
    }

    /** mmap_write_lock. Context: may sleep. */
    public void writeLock(Cpu cpu, @Ref(MmStruct.class) long mm) {
        RwSem.downWrite(cpu, MmStruct.MMAP_SEM.of(mm));
        lookup.writeLocked(cpu, mm);
    }

    /** mmap_write_lock_nested, of an mm that nobody else knows. */
    void writeLockNested(Cpu cpu, @Ref(MmStruct.class) long mm) {
        RwSem.downWriteNested(cpu, MmStruct.MMAP_SEM.of(mm), 1);
        lookup.writeLocked(cpu, mm);
    }

    /** mmap_write_downgrade: the VMAs may be read again, and those in mmap_sem (R) go on beside the caller. */
    void downgrade(Cpu cpu, @Ref(MmStruct.class) long mm) {
        lookup.writeUnlocking(cpu, mm);
        RwSem.downgradeWrite(cpu, MmStruct.MMAP_SEM.of(mm));
    }

    /** mmap_write_unlock. */
    public void writeUnlock(Cpu cpu, @Ref(MmStruct.class) long mm) {
        lookup.writeUnlocking(cpu, mm);
        RwSem.upWrite(cpu, MmStruct.MMAP_SEM.of(mm));
    }
}
