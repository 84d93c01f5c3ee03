package kemu.mm.pgtable;

import kemu.hw.mem.PhysMem;

/**
 * What a PMD holds: 0, the frame address of a table of ptes, or, with {@link #HUGE}, the frame address of a huge page
 * with the flags of a {@link Pte}.
 *
 * <p>A PMD goes from 0 to a huge page or a table, and from a huge page to a table or to 0, under its lock, that of the
 * table it lies in ({@link PageTable#lockOf}). Source: Linux 2.6.38 arch/x86/include/asm/pgtable.h; the lock is that of
 * 3.13.
 */
public final class Pmd {
    /** Maps a huge page: _PAGE_PSE. */
    public static final long HUGE = 0x80;
    /** The huge page is being split: whoever would take the PMD away, or copy it, waits until a table is there. */
    public static final long SPLITTING = 0x400;

    private static final long KEPT = Pte.PRESENT | Pte.RW | Pte.ACCESSED | Pte.DIRTY | Pte.PROTNONE;

    private Pmd() {}

    /** pmd_trans_huge: {@code pmd} maps a huge page, or has just done so. */
    public static boolean isHuge(long pmd) {
        return (pmd & HUGE) != 0;
    }

    /** pmd_trans_splitting. */
    public static boolean isSplitting(long pmd) {
        return (pmd & (HUGE | SPLITTING)) == (HUGE | SPLITTING);
    }

    /** The pte that would map what huge {@code pmd} maps at {@code address}. */
    public static long pteAt(long pmd, long address) {
        return Pte.frame(pmd) + (address & PageTable.PMD_SIZE - 1 & -PhysMem.PAGE_SIZE) | pmd & KEPT;
    }
}
