package kemu.mm.pgtable;

/**
 * Page-table entries, 64 bits: frame address in bits 12..51 and flags below if present; a swap entry shifted left by 8
 * if not present; 0 for none.
 */
public final class Pte {
    /** Maps a frame. */
    public static final long PRESENT = 1;
    /** Writes allowed. */
    public static final long RW = 2;
    /** Set by the CPU on access (user access does it atomically). */
    public static final long ACCESSED = 0x20;
    /** Set by the CPU on a write. */
    public static final long DIRTY = 0x40;
    /** Present to the kernel, but any user access faults (mprotect to nothing). A user access tests it with PRESENT. */
    public static final long PROTNONE = 0x100;
    /** Maps a frame without struct-page accounting: the zero page. */
    public static final long SPECIAL = 0x200;

    private static final long FRAME_MASK = 0x000f_ffff_ffff_f000L;
    private static final int SWAP_SHIFT = 8;

    private Pte() {}

    /** A present entry for {@code frame}. */
    public static long make(long frame, long flags) {
        return frame | flags | PRESENT;
    }

    /** True if the entry maps a frame. */
    public static boolean present(long pte) {
        return (pte & PRESENT) != 0;
    }

    /** True if a user read may go ahead: the entry maps a frame and is not barred by mprotect. */
    public static boolean userReadable(long pte) {
        return (pte & (PRESENT | PROTNONE)) == PRESENT;
    }

    /** True if a user write may go ahead. */
    public static boolean userWritable(long pte) {
        return (pte & (PRESENT | PROTNONE | RW)) == (PRESENT | RW);
    }

    /** True if the entry holds a swap entry. */
    public static boolean isSwap(long pte) {
        return pte != 0 && (pte & PRESENT) == 0;
    }

    /** Address of the frame of a present entry. */
    public static long frame(long pte) {
        return pte & FRAME_MASK;
    }

    /** An entry that holds swap entry {@code entry}, which is at least 1. */
    public static long ofSwap(long entry) {
        return entry << SWAP_SHIFT;
    }

    /** The swap entry of a swap pte. */
    public static long swapEntry(long pte) {
        return pte >>> SWAP_SHIFT;
    }
}
