package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Gfp;
import kemu.mm.slab.KmemCache;
import kemu.mm.slab.SlabAllocator;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/** The caches of mm_structs and VMAs. Source: Linux 2.6.36 kernel/fork.c, proc_caches_init(). */
final class MmCaches {
    private final KmemCache mms;
    private final KmemCache vmas;

    /** Makes both caches. Boot only. */
    MmCaches(Cpu boot, SlabAllocator slabs) {
        int flags = SlabAllocator.SLAB_PANIC | SlabAllocator.SLAB_HWCACHE_ALIGN;
        mms = slabs.create(boot, "mm_struct", MmStruct.LAYOUT.sizeBytes(), 64, flags, null);
        vmas = slabs.create(boot, "vm_area_struct", VmArea.LAYOUT.sizeBytes(), 64, SlabAllocator.SLAB_PANIC, null);
    }

    KmemCache mms() {
        return mms;
    }

    KmemCache vmas() {
        return vmas;
    }

    /** A VMA with undefined contents, or NULL. Context: may sleep. */
    @Ref(VmArea.class)
    long allocVma(Cpu cpu) {
        return vmas.alloc(cpu, Gfp.KERNEL);
    }

    /** Frees an unlinked VMA. */
    void freeVma(Cpu cpu, @Ref(VmArea.class) long vma) {
        vmas.free(cpu, vma);
    }
}
