package kemu.mm.vma.lookup;

import kemu.hw.layout.Embedded;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.StructLayout;
import kemu.kernel.task.RwSem;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.vma.VmaMemory;
import kemu.rcu.RcuHead;

/**
 * What per-VMA locks add to mm_struct and vm_area_struct. Source: Linux 6.4 include/linux/mm_types.h, where the lock is
 * allocated by itself.
 */
final class VmaLockWords {
    /** The words of a VMA. */
    static final class OfVma {
        private static final StructLayout.Builder S = StructLayout.struct("vma_lock");
        /** Held by faults for reading, and by writers while they set {@link #LOCK_SEQ}. */
        static final Embedded LOCK = S.embed("lock", RwSem.LAYOUT);
        /** mm_lock_seq of the last writer: equal while the VMA is locked for writing. Writer, under the lock. */
        static final I32Field LOCK_SEQ = S.i32("vm_lock_seq");
        /** 1 while the VMA is in no tree. Written by the writer, who has the VMA locked. */
        static final I32Field DETACHED = S.i32("detached");
        /** For the free after a grace period. */
        static final Embedded VM_RCU = S.embed("vm_rcu", RcuHead.LAYOUT);
        /** Size and members. */
        static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

        private OfVma() {}
    }

    /** The words of an mm. */
    static final class OfMm {
        private static final StructLayout.Builder S = StructLayout.struct("mm_vma_lock");
        /** Counted up to unlock all VMAs. Written by the writer. */
        static final I32Field LOCK_SEQ = S.i32("mm_lock_seq");
        /** Where faults find VMAs. */
        static final Embedded MM_MT = S.embed("mm_mt", RangeTree.LAYOUT);
        /** Size and members. */
        static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

        private OfMm() {}
    }

    /** VMAs of any slab, with these words. */
    static final VmaMemory MEMORY = new VmaMemory(OfMm.LAYOUT.sizeBytes(), OfVma.LAYOUT.sizeBytes(), 0, null);

    private VmaLockWords() {}

    /** The words of {@code vma}. */
    static long ofVma(@Ref(VmArea.class) long vma) {
        return vma + VmArea.LAYOUT.sizeBytes();
    }

    /** The words of {@code mm}. */
    static long ofMm(@Ref(MmStruct.class) long mm) {
        return mm + MmStruct.LAYOUT.sizeBytes();
    }
}
