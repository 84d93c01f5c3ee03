package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Gfp;
import kemu.mm.slab.KmemCache;
import kemu.mm.slab.SlabAllocator;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/** The caches of mm_structs and VMAs. Source: Linux 2.6.36 kernel/fork.c, proc_caches_init(). */
public final class MmCaches {
    private final KmemCache mms;
    private final KmemCache vmas;

    /** Makes both caches, with room for what a lookup of VMAs needs. Boot only. */
    public MmCaches(Cpu boot, SlabAllocator slabs, VmaMemory memory) {
        int flags = SlabAllocator.SLAB_PANIC | SlabAllocator.SLAB_HWCACHE_ALIGN;
        mms = slabs.create(boot, "mm_struct", MmStruct.LAYOUT.sizeBytes() + memory.mmBytes(), 64, flags, null);
        vmas = slabs.create(
                boot,
                "vm_area_struct",
                VmArea.LAYOUT.sizeBytes() + memory.vmaBytes(),
                64,
                SlabAllocator.SLAB_PANIC | memory.vmaFlags(),
                memory.constructor());
    }

    KmemCache mms() {
        return mms;
    }

    /** The cache of VMAs. */
    public KmemCache vmas() {
        return vmas;
    }

    /** Words of an mm_struct, those of the lookup included. */
    int mmBytes() {
        return mms.objectSize();
    }

    /** Memory for a VMA, or NULL. Context: may sleep. */
    @Ref(VmArea.class)
    long allocVma(Cpu cpu) {
        return vmas.alloc(cpu, Gfp.KERNEL);
    }

    /** Memory of a VMA goes back. */
    void freeVma(Cpu cpu, @Ref(VmArea.class) long vma) {
        vmas.free(cpu, vma);
    }
}
