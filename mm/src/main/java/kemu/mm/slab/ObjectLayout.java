package kemu.mm.slab;

import kemu.hw.mem.PhysMem;

/**
 * Where things lie in the slabs of one cache: a slot is the object, its state word, and the free pointer if that may
 * not overlay the object (constructor or SLAB_DESTROY_BY_RCU: readers and the constructor own all of the object).
 *
 * <p>Source: Linux 2.6.36 mm/slub.c, calculate_sizes() and calculate_order(), with orders kept low.
 *
 * @param objectSize bytes of the object
 * @param slotSize distance between objects
 * @param stateOffset offset of the state word in the slot: odd while allocated, half of it is the life number
 * @param freePointerOffset offset of the free pointer in the slot
 * @param linkOffset offset of the words that link objects kept back from reuse, if the slot has them
 * @param order slabs are 2^order frames
 * @param objects slots in a slab
 * @param reciprocal multiplies an offset in the slab to its slot number, times 2^32
 */
record ObjectLayout(
        int objectSize,
        int slotSize,
        int stateOffset,
        int freePointerOffset,
        int linkOffset,
        int order,
        int objects,
        long reciprocal) {
    private static final int MAX_ORDER = 3;
    private static final int MIN_OBJECTS = 4;
    private static final int MAX_WASTE_FRACTION = 5;
    private static final int RECIPROCAL_SHIFT = 32;

    /** The layout for objects of {@code sizeBytes}, with {@code linkBytes} behind each. */
    static ObjectLayout of(int sizeBytes, int alignment, boolean typeStable, int linkBytes) {
        int align = Math.max(Long.BYTES, alignment);
        if (sizeBytes < Long.BYTES || Integer.bitCount(align) != 1) {
            throw new IllegalArgumentException("slab object of " + sizeBytes + " bytes aligned to " + alignment);
        }
        int state = sizeBytes + Long.BYTES - 1 & -Long.BYTES;
        int end = state + Long.BYTES + (typeStable ? Long.BYTES : 0);
        int slot = end + linkBytes + align - 1 & -align;
        int order = orderFor(slot);
        int objects = (PhysMem.PAGE_SIZE << order) / slot;
        long reciprocal = ((1L << RECIPROCAL_SHIFT) + slot - 1) / slot;
        return new ObjectLayout(
                sizeBytes, slot, state, typeStable ? state + Long.BYTES : 0, end, order, objects, reciprocal);
    }

    private static int orderFor(int slot) {
        for (int order = 0; order <= MAX_ORDER; order++) {
            int bytes = PhysMem.PAGE_SIZE << order;
            if (bytes / slot >= MIN_OBJECTS && bytes % slot <= bytes / MAX_WASTE_FRACTION) {
                return order;
            }
        }
        int order = 0;
        while (PhysMem.PAGE_SIZE << order < slot) {
            order++;
        }
        if (order > MAX_ORDER) {
            throw new IllegalArgumentException("slab object of " + slot + " bytes is larger than a slab can be");
        }
        return order < MAX_ORDER && (PhysMem.PAGE_SIZE << order) / slot < MIN_OBJECTS ? MAX_ORDER : order;
    }

    /** Address of the slab's first frame. */
    long slabOf(long address) {
        return address & -((long) PhysMem.PAGE_SIZE << order);
    }

    /** Number of the slot that {@code address} lies in. */
    int slotOf(long address) {
        return (int) ((address - slabOf(address)) * reciprocal >>> RECIPROCAL_SHIFT);
    }

    /** True if an object starts at {@code address}. */
    boolean isObject(long address) {
        int slot = slotOf(address);
        return slot < objects && slabOf(address) + (long) slot * slotSize == address;
    }
}
