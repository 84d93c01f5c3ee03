package kemu.mm.vma;

import kemu.mm.slab.SlabConstructor;

/**
 * What a {@link VmaLookup} needs of the slabs of mm_structs and VMAs.
 *
 * @param mmBytes words of its own behind {@link kemu.mm.types.MmStruct}
 * @param vmaBytes words of its own behind {@link kemu.mm.types.VmArea}
 * @param vmaFlags flags of the slab of VMAs
 * @param constructor of the slab of VMAs, or null
 */
public record VmaMemory(int mmBytes, int vmaBytes, int vmaFlags, SlabConstructor constructor) {
    /** No words, and VMAs that are gone when they are freed. */
    public static final VmaMemory NOTHING = new VmaMemory(0, 0, 0, null);
}
