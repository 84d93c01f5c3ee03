package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * The life of VMAs as it concerns lookups without mmap_sem: allocated, linked into list and tree, taken out, freed.
 * Context: mmap_sem (W), unless stated.
 */
final class VmaLinks {
    private final MmCaches caches;
    private final VmaLookup lookup;

    VmaLinks(MmCaches caches, VmaLookup lookup) {
        this.caches = caches;
        this.lookup = lookup;
    }

    VmaLookup lookup() {
        return lookup;
    }

    /** vm_area_alloc: a VMA with undefined contents, or NULL. Context: may sleep. */
    @Ref(VmArea.class)
    long alloc(Cpu cpu) {
        long vma = caches.allocVma(cpu);
        if (vma != Cpu.NULL) {
            lookup.initVma(cpu, vma);
        }
        return vma;
    }

    /** vm_area_free: frees a VMA that was never linked, or is detached. */
    void free(Cpu cpu, @Ref(VmArea.class) long vma) {
        if (lookup.release(cpu, vma)) {
            caches.freeVma(cpu, vma);
        }
    }

    /** vma_link: puts a new VMA into list, tree and file; 0, or -ENOMEM with nothing linked. Context: may sleep. */
    int link(Cpu cpu, @Ref(MmStruct.class) long mm, @Ref(VmArea.class) long vma) {
        lookup.startWrite(cpu, vma);
        if (lookup.store(cpu, mm, VmArea.VM_START.get(cpu, vma), VmArea.VM_END.get(cpu, vma), vma) != 0) {
            return Errno.ENOMEM;
        }
        lookup.publish(cpu, mm);
        VmaTree.link(cpu, mm, vma, lookup);
        lookup.attached(cpu, vma);
        return 0;
    }

    /** The same in a new mm that only the caller knows; {@link VmaLookup#publishAll} follows. */
    void linkUnpublished(Cpu cpu, @Ref(MmStruct.class) long mm, @Ref(VmArea.class) long vma) {
        lookup.startWrite(cpu, vma);
        VmaTree.link(cpu, mm, vma, lookup);
        lookup.attached(cpu, vma);
    }

    /** Puts a VMA that lookups know into list and tree; not into its file. */
    void insert(Cpu cpu, @Ref(MmStruct.class) long mm, @Ref(VmArea.class) long vma) {
        VmaTree.insert(cpu, mm, vma, lookup);
        lookup.attached(cpu, vma);
    }

    /** Takes a VMA that lookups do not find any more out of list and tree; its own links stay. */
    void remove(Cpu cpu, @Ref(MmStruct.class) long mm, @Ref(VmArea.class) long vma) {
        VmaTree.remove(cpu, mm, vma, lookup);
    }

    /** What comes after {@link #remove}, where it may sleep. */
    void removed(Cpu cpu, @Ref(VmArea.class) long vma) {
        lookup.detached(cpu, vma);
    }
}
