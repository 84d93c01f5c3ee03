package kemu.mm.swap;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.StructLayout;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;

/**
 * Which slots of a block device are free: a bitmap with a cursor that goes round, so that slots given out one after the
 * other lie side by side and a freed slot rests as long as possible. A word of 64 taken slots costs one load to skip.
 *
 * <p>The object holds constants; the map is in emulated memory. Context: every call under the lock of the map's owner.
 */
public final class SlotMap {
    private static final StructLayout.Builder S = StructLayout.struct("slot_map");
    /** Free slots. Written under the owner's lock, read racily. */
    private static final I64Field FREE = S.i64("free");
    /** Slot after the last one given out. The owner's lock. */
    private static final I64Field NEXT = S.i64("next");
    /** Bytes before the bits. */
    private static final int HEADER_BYTES = S.build(16).sizeBytes();

    private final long map;
    private final int slots;

    /** A map of {@code slots} slots, all free, in the zeroed memory at {@code map}. */
    public SlotMap(Cpu cpu, long map, int slots) {
        this.map = map;
        this.slots = slots;
        FREE.set(cpu, map, slots);
        // A set bit is a taken slot; the bits after the last slot are taken for good.
        if (slots % Long.SIZE != 0) {
            cpu.write64(word(slots), -1L << slots);
        }
    }

    /** Bytes of memory that a map of {@code slots} slots needs. */
    public static long bytes(int slots) {
        return HEADER_BYTES + (slots + Long.SIZE - 1L) / Long.SIZE * Long.BYTES;
    }

    /** Slots in all. */
    public int slots() {
        return slots;
    }

    /** Free slots; racy without the lock. */
    public long free(Cpu cpu) {
        return FREE.readOnce(cpu, map);
    }

    private long word(long slot) {
        return map + HEADER_BYTES + (slot >>> 6) * Long.BYTES;
    }

    /** Takes a free slot; -1 if there is none. */
    public int take(Cpu cpu) {
        long free = FREE.get(cpu, map);
        if (free == 0) {
            return -1;
        }
        int slot = (int) NEXT.get(cpu, map);
        long taken = cpu.read64(word(slot)) | ~(-1L << slot);
        // Ends: some slot is free, and the search goes round.
        while (taken == -1L) {
            slot = (slot | 63) + 1;
            if (slot >= slots) {
                slot = 0;
            }
            taken = cpu.read64(word(slot));
        }
        slot = (slot & -64) + Long.numberOfTrailingZeros(~taken);
        cpu.write64(word(slot), cpu.read64(word(slot)) | 1L << slot);
        FREE.writeOnce(cpu, map, free - 1);
        NEXT.set(cpu, map, slot + 1 == slots ? 0 : slot + 1);
        return slot;
    }

    /** Gives back {@code slot}. @throws KernelBug if it is free */
    public void give(Cpu cpu, int slot) {
        long bits = cpu.read64(word(slot));
        if ((bits & 1L << slot) == 0) {
            throw new KernelBug(FailureKind.DOUBLE_FREE, "BUG: slot " + slot + " freed twice on CPU#" + cpu.id());
        }
        cpu.write64(word(slot), bits & ~(1L << slot));
        FREE.writeOnce(cpu, map, FREE.get(cpu, map) + 1);
    }
}
