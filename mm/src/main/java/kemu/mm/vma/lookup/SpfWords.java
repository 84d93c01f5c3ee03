package kemu.mm.vma.lookup;

import kemu.hw.layout.Embedded;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.kernel.locking.SeqCount;
import kemu.kernel.locking.SeqLock;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.vma.VmaMemory;
import kemu.rcu.RcuHead;

/** What speculative faults add to mm_struct and vm_area_struct. Source: patches v12 7, 19, 20 and 21 of 31. */
final class SpfWords {
    /** The words of a VMA. */
    static final class OfVma {
        private static final StructLayout.Builder S = StructLayout.struct("vma_spf");
        /** One for the owner, one for the tree, one for each fault. Atomics. */
        static final I32Field VM_REF_COUNT = S.i32("vm_ref_count");
        /** 1 while vm_rb is on no tree (RB_EMPTY_NODE). Written by the writer, after the tree. */
        static final I32Field RB_EMPTY = S.i32("rb_empty");
        /** Odd while bounds, flags or ptes of the VMA change. Written by the writer. */
        static final Embedded VM_SEQUENCE = S.embed("vm_sequence", SeqCount.LAYOUT);
        /** 1 while it is on the list of those being written. Writer. */
        static final I32Field WRITING = S.i32("writing");
        /** Next of them. Writer. */
        static final RefField WRITING_NEXT = S.ref("writing_next", VmArea.class);
        /** For the put of the tree's reference. */
        static final Embedded VM_RCU = S.embed("vm_rcu", RcuHead.LAYOUT);
        /** Size and members. */
        static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

        private OfVma() {}
    }

    /** The words of an mm. */
    static final class OfMm {
        private static final StructLayout.Builder S = StructLayout.struct("mm_spf");
        /** Round every change of mm_rb. */
        static final Embedded MM_SEQ = S.embed("mm_seq", SeqLock.LAYOUT);
        /** VMAs that are being written, until mmap_sem is released. Writer. */
        static final RefField WRITING = S.ref("writing", VmArea.class);
        /** See {@link VmaCache}. Written by the writer, once; 64 bits do not overflow (CVE-2018-17182). */
        static final I64Field VMACACHE_SEQNUM = S.i64("vmacache_seqnum");
        /** Size and members. */
        static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

        private OfMm() {}
    }

    /** VMAs of any slab, with these words; and words of tasks. */
    static final VmaMemory MEMORY =
            new VmaMemory(OfMm.LAYOUT.sizeBytes(), OfVma.LAYOUT.sizeBytes(), 0, null, VmaCache.BYTES);

    private SpfWords() {}

    /** The words of {@code vma}. */
    static long ofVma(@Ref(VmArea.class) long vma) {
        return vma + VmArea.LAYOUT.sizeBytes();
    }

    /** The words of {@code mm}. */
    static long ofMm(@Ref(MmStruct.class) long mm) {
        return mm + MmStruct.LAYOUT.sizeBytes();
    }
}
