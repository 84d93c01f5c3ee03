package kemu.mm.khugepaged;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.context.Task;
import kemu.kernel.task.Sched;
import kemu.mm.migrate.Compaction;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.reclaim.Vmscan;

/**
 * Makes 512 frames in a row free: reclaims as many pages as compaction needs to work with, and compacts. Where that was
 * in vain it is put off, for twice as many requests each time.
 *
 * <p>Source: Linux 2.6.38 mm/page_alloc.c, __alloc_pages_direct_compact(), and mm/compaction.c, compaction_suitable();
 * include/linux/compaction.h, defer_compaction(). Faults do not wait for it, as with the defrag setting of 4.6.
 */
final class HugeRoom {
    /** Frames above the low watermark with which compaction is worth a try: what it fills, and as many on the way. */
    private static final long GAP = 2L * Page.HUGE_FRAMES;
    /** Calls of reclaim at most: each gets 32 pages, of which others may take some. */
    private static final int MOST_CALLS = 4 * Page.HUGE_FRAMES / 32;
    /** COMPACT_MAX_DEFER_SHIFT. */
    private static final int MAX_DEFER_SHIFT = 6;

    private final PageAllocator pages;
    private final Vmscan vmscan;
    private final Compaction compaction;
    private final @Ref(KhugepagedScan.class) long scan;

    HugeRoom(PageAllocator pages, Vmscan vmscan, Compaction compaction, @Ref(KhugepagedScan.class) long scan) {
        this.pages = pages;
        this.vmscan = vmscan;
        this.compaction = compaction;
        this.scan = scan;
    }

    /**
     * Makes room if there is none. Whether there is then shows. Context: khugepaged_mutex, no other lock; may sleep.
     */
    void make(Cpu cpu) {
        if (pages.watermarkOk(cpu, Page.HUGE_ORDER, pages.lowWatermark()) || isDeferred(cpu)) {
            return;
        }
        reclaim(cpu);
        boolean made = isSuitable(cpu) && compaction.tryToCompactPages(cpu, Page.HUGE_ORDER);
        long shift = made ? 0 : Math.min(MAX_DEFER_SHIFT, KhugepagedScan.DEFER_SHIFT.get(cpu, scan) + 1);
        KhugepagedScan.DEFER_SHIFT.set(cpu, scan, shift);
        KhugepagedScan.CONSIDERED.set(cpu, scan, 0);
    }

    /** compaction_deferred. */
    private boolean isDeferred(Cpu cpu) {
        long considered = KhugepagedScan.CONSIDERED.get(cpu, scan) + 1;
        KhugepagedScan.CONSIDERED.set(cpu, scan, considered);
        return considered < 1L << KhugepagedScan.DEFER_SHIFT.get(cpu, scan);
    }

    private boolean isSuitable(Cpu cpu) {
        return pages.watermarkOk(cpu, 0, pages.lowWatermark() + GAP);
    }

    private void reclaim(Cpu cpu) {
        long task = Sched.current(cpu);
        // As for an allocation: what reclaim itself allocates does not reclaim again.
        Task.FLAGS.setBits(cpu, task, Task.PF_MEMALLOC);
        boolean gets = true;
        for (int i = 0; i < MOST_CALLS && gets && !isSuitable(cpu); i++) {
            gets = vmscan.directReclaim(cpu, Gfp.KERNEL, Page.HUGE_ORDER) != 0;
        }
        Task.FLAGS.clearBits(cpu, task, Task.PF_MEMALLOC);
    }
}
