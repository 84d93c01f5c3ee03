package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/**
 * A {@link VmaLookup} by which a fault locks the one VMA that it is about, and then needs no mmap_sem: nobody changes
 * or frees the VMA before {@link #endRead}, its neighbours may change.
 */
public interface VmaReadLock extends VmaLookup {
    /**
     * lock_vma_under_rcu: the VMA of {@code address}, locked against writers; NULL if there is none, or if it takes
     * mmap_sem to say. Never waits.
     */
    @Ref(VmArea.class)
    long startRead(Cpu cpu, @Ref(MmStruct.class) long mm, long address);

    /** True if each VMA found has an anon_vma, so that no fault need look at the neighbours for one. */
    default boolean findsAnonVma() {
        return false;
    }

    /** vma_end_read. */
    void endRead(Cpu cpu, @Ref(VmArea.class) long vma);
}
