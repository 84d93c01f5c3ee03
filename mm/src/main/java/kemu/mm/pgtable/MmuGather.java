package kemu.mm.pgtable;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.swap.Swap;
import kemu.mm.types.MmStruct;

/**
 * {@code struct mmu_gather}: pages whose ptes are gone and which are freed together after a flush; page-table pages
 * too. A gather is a frame, private to its task; more frames are chained to it when it fills. Where they lie, and so
 * whether the task may be preempted or sleep meanwhile, {@link GatherFrames} says. If there is no memory for one, the
 * gather is NULL and every page is flushed and freed at once.
 *
 * <p>Unmapped pages stay in the gather until the VMAs are unlinked: until then they are on the LRU with a dangling
 * mapping word, the everyday source of stale rmap lookups (Linux 2.6.36 mm/memory.c, tlb_finish_mmu after
 * free_pgtables). Source: Linux 2.6.36 include/asm-generic/tlb.h, and 3.0 for frames instead of per-CPU arrays.
 */
public final class MmuGather {
    private static final int CAPACITY = 506;
    private static final int MAX_FRAMES = 32;

    private static final StructLayout.Builder S = StructLayout.struct("mmu_gather");
    /** Next frame of this gather. Private, as all fields. */
    private static final RefField NEXT = S.ref("next", MmuGather.class);
    /** Pages in this frame. */
    private static final I64Field COUNT = S.i64("nr");
    /** Whose pages; first frame only. */
    private static final RefField MM = S.ref("mm", MmStruct.class);
    /** 1 if the address space has no user left: only what it left in TLBs needs a flush; first frame only. */
    private static final I64Field FULL_MM = S.i64("fullmm");
    /** Frame that is being filled; first frame only. */
    private static final RefField LAST = S.ref("active", MmuGather.class);
    /** Frames; first frame only. */
    private static final I64Field FRAMES = S.i64("frames");
    /** The pages. */
    private static final Embedded PAGES = S.words("pages", CAPACITY);

    private final PageTable pageTable;
    private final PageAllocator pages;
    private final PageLock pageLock;
    private final Swap swap;
    private final MapcountDrop mapcounts;
    private final GatherFrames frames;

    /** Gathers for {@code pageTable}, in {@code frames}, told by {@code mapcounts} when mapcounts fall. Boot only. */
    public MmuGather(
            PageTable pageTable,
            PageAllocator pages,
            PageLock pageLock,
            Swap swap,
            MapcountDrop mapcounts,
            GatherFrames frames) {
        this.frames = frames;
        this.pageTable = pageTable;
        this.pages = pages;
        this.pageLock = pageLock;
        this.swap = swap;
        this.mapcounts = mapcounts;
    }

    /** tlb_gather_mmu: a gather for {@code mm}, NULL if there is no memory, which works too but slowly. */
    public @Ref(MmuGather.class) long begin(Cpu cpu, @Ref(MmStruct.class) long mm, boolean fullMm) {
        long gather = emptied(cpu, frames.first(cpu));
        if (gather != Cpu.NULL) {
            MM.set(cpu, gather, mm);
            FULL_MM.set(cpu, gather, fullMm ? 1 : 0);
            LAST.set(cpu, gather, gather);
            FRAMES.set(cpu, gather, 1);
        }
        return gather;
    }

    private static long emptied(Cpu cpu, long frame) {
        if (frame != Cpu.NULL) {
            NEXT.set(cpu, frame, Cpu.NULL);
            COUNT.set(cpu, frame, 0);
        }
        return frame;
    }

    /**
     * The end of zap_pte_range for a page whose pte has been cleared: its mapcount falls, now or at the flush, and the
     * caller's reference goes to the gather. Context: pte lock.
     */
    public void removeMapped(
            Cpu cpu,
            @Ref(MmuGather.class) long gather,
            @Ref(MmStruct.class) long mm,
            @Ref(Page.class) long page,
            boolean anon) {
        mapcounts.zapped(cpu, gather, page, anon);
        remove(cpu, gather, mm, page);
    }

    /** tlb_remove_page: gives the caller's reference on {@code page} to the gather. Context: pte lock allowed. */
    public void remove(
            Cpu cpu, @Ref(MmuGather.class) long gather, @Ref(MmStruct.class) long mm, @Ref(Page.class) long page) {
        if (gather == Cpu.NULL) {
            pageTable.flushPoints().freeing(cpu, pageTable, mm);
            if (!releaseSpecial(cpu, page)) {
                pages.putPage(cpu, page);
            }
            pageTable.flushPoints().freed(cpu, pageTable, mm);
            return;
        }
        long frame = LAST.get(cpu, gather);
        long count = COUNT.get(cpu, frame);
        cpu.write64(PAGES.of(frame) + (count << 3), page);
        COUNT.set(cpu, frame, count + 1);
        if (count + 1 == CAPACITY) {
            full(cpu, gather, frame);
        }
    }

    private void full(Cpu cpu, long gather, long frame) {
        long chained = FRAMES.get(cpu, gather);
        // When memory is short, what is gathered is what others wait for.
        boolean memoryShort = pages.freePageCount(cpu) < pages.highWatermark();
        long more = chained < MAX_FRAMES && !memoryShort ? emptied(cpu, frames.more(cpu)) : Cpu.NULL;
        if (more == Cpu.NULL) {
            flush(cpu, gather);
            return;
        }
        NEXT.set(cpu, frame, more);
        LAST.set(cpu, gather, more);
        FRAMES.set(cpu, gather, chained + 1);
    }

    /** tlb_flush_mmu: flushes, then frees what was gathered so far. */
    public void flush(Cpu cpu, @Ref(MmuGather.class) long gather) {
        long mm = MM.get(cpu, gather);
        boolean needed = FULL_MM.get(cpu, gather) == 0 || pageTable.flushesAlone();
        if (needed) {
            pageTable.flushPoints().freeing(cpu, pageTable, mm);
        }
        long frame = gather;
        // Ends: the chain has at most MAX_FRAMES frames.
        while (frame != Cpu.NULL) {
            long next = NEXT.get(cpu, frame);
            releaseAll(cpu, frame);
            if (frame != gather) {
                frames.giveBack(cpu, frame);
            }
            frame = next;
        }
        NEXT.set(cpu, gather, Cpu.NULL);
        LAST.set(cpu, gather, gather);
        FRAMES.set(cpu, gather, 1);
        if (needed) {
            pageTable.flushPoints().freed(cpu, pageTable, mm);
        }
    }

    /** tlb_finish_mmu: flushes, frees everything, and ends the gather. */
    public void finish(Cpu cpu, @Ref(MmuGather.class) long gather) {
        if (gather != Cpu.NULL) {
            flush(cpu, gather);
            frames.end(cpu, gather);
        }
    }

    /**
     * Frees the page tables among the pages, drops swap cache that nobody else needs, and releases the rest at once.
     */
    private void releaseAll(Cpu cpu, long frame) {
        long count = COUNT.get(cpu, frame);
        long at = PAGES.of(frame);
        int kept = 0;
        for (long i = 0; i < count; i++) {
            long page = cpu.read64(at + (i << 3));
            mapcounts.released(cpu, page);
            if (!releaseSpecial(cpu, page)) {
                cpu.write64(at + ((long) kept << 3), page);
                kept++;
            }
        }
        pages.releasePages(cpu, at, kept);
        COUNT.set(cpu, frame, 0);
    }

    /** Frees a page-table page: true; or drops the swap cache of a user page (free_swap_cache): false. */
    private boolean releaseSpecial(Cpu cpu, long page) {
        long flags = Page.FLAGS.readOnce(cpu, page);
        if ((flags & Page.PG_TABLE) != 0) {
            pageTable.freeTablePage(cpu, page);
            return true;
        }
        if ((flags & Page.PG_SWAPCACHE) != 0 && pageLock.tryLock(cpu, page)) {
            swap.tryToFree(cpu, page);
            pageLock.unlock(cpu, page);
        }
        return false;
    }

    /**
     * free_pgd_range: unlinks the tables that map some of [start, end) and lie wholly in [floor, ceiling), and gives
     * them to {@code gather}. Nothing is mapped in [floor, ceiling) any more. Context: mmap_sem (W) or last user.
     */
    public void freeRange(
            Cpu cpu,
            @Ref(MmuGather.class) long gather,
            @Ref(MmStruct.class) long mm,
            long start,
            long end,
            long floor,
            long ceiling) {
        freeBelow(cpu, gather, mm, MmStruct.PGD.get(cpu, mm), PageTable.PGD_SHIFT, start, end, floor, ceiling);
    }

    private void freeBelow(
            Cpu cpu, long gather, long mm, long table, int shift, long start, long end, long floor, long ceiling) {
        long size = 1L << shift;
        for (long base = start & -size; base < end; base += size) {
            long slot = PageTable.entry(table, base, shift);
            long below = cpu.readOnce64(slot);
            if (below == Cpu.NULL) {
                continue;
            }
            if (shift > PageTable.PMD_SHIFT) {
                long from = Math.max(base, start);
                long to = Math.min(base + size, end);
                freeBelow(cpu, gather, mm, below, shift - PageTable.LEVEL_BITS, from, to, floor, ceiling);
            }
            if (base >= floor && base + size <= ceiling) {
                cpu.writeOnce64(slot, Cpu.NULL);
                // Faults that do without mmap_sem may add tables elsewhere meanwhile.
                MmStruct.NR_PTES.add(cpu, mm, -1);
                remove(cpu, gather, mm, pages.pageOf(below));
            }
        }
    }
}
