package kemu.mm.pgtable;

/**
 * Page-table entries, 64 bits: frame address in bits 12..51 and flags below if present; a swap entry shifted left by 8
 * if not present; 0 for none. Entries of a third sort are not present and name a frame: that of a page which is being
 * moved elsewhere, or whose memory has failed.
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

    /** Not present: a migration entry. Whoever needs the page waits until it has moved. */
    private static final long MIGRATION = 4;
    /** Not present: the frame's memory has failed. */
    private static final long HWPOISON = 8;

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
        return pte != 0 && (pte & (PRESENT | MIGRATION | HWPOISON)) == 0;
    }

    /** non_swap_entry: the entry is not present, and names a frame all the same. */
    public static boolean isNonSwap(long pte) {
        return (pte & PRESENT) == 0 && (pte & (MIGRATION | HWPOISON)) != 0;
    }

    /** is_migration_entry. */
    public static boolean isMigration(long pte) {
        return (pte & (PRESENT | MIGRATION)) == MIGRATION;
    }

    /** is_write_migration_entry. */
    public static boolean isWriteMigration(long pte) {
        return (pte & (PRESENT | MIGRATION | RW)) == (MIGRATION | RW);
    }

    /** make_migration_entry: for the page in {@code frame}, mapped writable or not. */
    public static long ofMigration(long frame, boolean writable) {
        return frame | MIGRATION | (writable ? RW : 0);
    }

    /** make_migration_entry_read: the same entry without the right to write. */
    public static long migrationRead(long pte) {
        return pte & ~RW;
    }

    /** make_hwpoison_entry: for the page in {@code frame}. */
    public static long ofHwpoison(long frame) {
        return frame | HWPOISON;
    }

    /** Address of the frame of a present entry, or of one that is {@link #isNonSwap}. */
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
