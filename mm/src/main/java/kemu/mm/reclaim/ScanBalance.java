package kemu.mm.reclaim;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.order.Order;
import kemu.mm.page.Lru;
import kemu.mm.page.PageAllocator;
import kemu.mm.swap.Swap;

/**
 * How much of each LRU list a pass scans.
 *
 * <p>The shares of anonymous and file pages are inverse to how many of those scanned lately were found in use, weighted
 * by swappiness: {@code anon : file = swappiness * scanned/rotated of anon : (200 - swappiness) * scanned/rotated of
 * file}. No free swap means file pages only; hardly any file pages means anonymous pages only.
 *
 * <p>Source: Linux 2.6.36 mm/vmscan.c, get_scan_count(), inactive_anon_is_low().
 */
final class ScanBalance {
    private static final int SWAPPINESS = 60;
    private static final int PERCENT = 100;
    /** Pages of memory, one GiB, up to which active and inactive anonymous pages are to be equal in number. */
    private static final long PAGES_PER_GIB = 1L << 18;

    private final PageAllocator pages;
    private final Swap swap;
    private final Lru lru;
    private final long state;
    private final int inactiveRatio;

    ScanBalance(PageAllocator pages, Lru lru, Swap swap, @Ref(ReclaimState.class) long state) {
        this.pages = pages;
        this.swap = swap;
        this.lru = lru;
        this.state = state;
        long gib = pages.totalPages() / PAGES_PER_GIB;
        inactiveRatio = gib == 0 ? 1 : (int) Math.sqrt(10.0 * gib);
    }

    /** Sets what this pass is to scan of every list; small shares are saved up until they make a batch. */
    void setScanCounts(Cpu cpu, @Ref(ScanControl.class) long control) {
        int priority = ScanControl.PRIORITY.get(cpu, control);
        boolean noSwap = swap.freeEntries(cpu) == 0;
        int anonPercent = noSwap ? 0 : anonPercent(cpu);
        for (int list = Lru.INACTIVE_ANON; list <= Lru.ACTIVE_FILE; list++) {
            long scan = lru.size(cpu, list);
            // The last pass takes everything, whatever the shares: one of them may have come to nothing.
            if (priority != 0 || noSwap) {
                int percent = list <= Lru.ACTIVE_ANON ? anonPercent : PERCENT - anonPercent;
                scan = (scan >> priority) * percent / PERCENT;
            }
            long saved = ReclaimState.word(ReclaimState.SAVED_SCAN, state, list);
            scan += cpu.xchg64(saved, 0, Order.RELAXED);
            if (scan < Vmscan.SWAP_CLUSTER_MAX && priority != 0) {
                cpu.fetchAdd64(saved, scan, Order.RELAXED);
                scan = 0;
            }
            cpu.write64(ScanControl.toScan(control, list), scan);
        }
    }

    /** get_scan_ratio: share of anonymous pages, in percent. */
    private int anonPercent(Cpu cpu) {
        long anon = lru.size(cpu, Lru.INACTIVE_ANON) + lru.size(cpu, Lru.ACTIVE_ANON);
        long file = lru.size(cpu, Lru.INACTIVE_FILE) + lru.size(cpu, Lru.ACTIVE_FILE);
        if (file + pages.freePageCount(cpu) <= pages.highWatermark()) {
            return PERCENT;
        }
        decay(cpu, 0, anon);
        decay(cpu, 1, file);
        long anonWeight = (SWAPPINESS + 1)
                * (recent(cpu, ReclaimState.RECENT_SCANNED, 0) + 1)
                / (recent(cpu, ReclaimState.RECENT_ROTATED, 0) + 1);
        long fileWeight = (2 * PERCENT - SWAPPINESS + 1)
                * (recent(cpu, ReclaimState.RECENT_SCANNED, 1) + 1)
                / (recent(cpu, ReclaimState.RECENT_ROTATED, 1) + 1);
        return (int) (PERCENT * anonWeight / (anonWeight + fileWeight + 1));
    }

    private long recent(Cpu cpu, kemu.hw.layout.Embedded pair, int file) {
        return cpu.readOnce64(ReclaimState.word(pair, state, file));
    }

    /** Halves both statistics once a quarter of the list was scanned, so that old findings fade. */
    private void decay(Cpu cpu, int file, long size) {
        if (recent(cpu, ReclaimState.RECENT_SCANNED, file) > size / 4) {
            halve(cpu, ReclaimState.word(ReclaimState.RECENT_SCANNED, state, file));
            halve(cpu, ReclaimState.word(ReclaimState.RECENT_ROTATED, state, file));
        }
    }

    private static void halve(Cpu cpu, long word) {
        // RACE: an addition in between is lost; harmless, it is a statistic.
        cpu.writeOnce64(word, cpu.readOnce64(word) / 2);
    }

    /** Notes a scan of {@code scanned} pages of which {@code rotated} were in use. */
    void note(Cpu cpu, int list, long scanned, long rotated) {
        int file = list >= Lru.INACTIVE_FILE ? 1 : 0;
        cpu.fetchAdd64(ReclaimState.word(ReclaimState.RECENT_SCANNED, state, file), scanned, Order.RELAXED);
        if (rotated != 0) {
            cpu.fetchAdd64(ReclaimState.word(ReclaimState.RECENT_ROTATED, state, file), rotated, Order.RELAXED);
        }
    }

    /** inactive_list_is_low: true if pages of the active list should be deactivated. */
    boolean inactiveIsLow(Cpu cpu, int activeList) {
        long active = lru.size(cpu, activeList);
        if (activeList == Lru.ACTIVE_ANON) {
            return swap.freeEntries(cpu) != 0 && lru.size(cpu, Lru.INACTIVE_ANON) * inactiveRatio < active;
        }
        return lru.size(cpu, Lru.INACTIVE_FILE) < active;
    }

    /** zone_reclaimable_pages: pages on lists that can be scanned with success. */
    long reclaimable(Cpu cpu) {
        long pages = lru.size(cpu, Lru.INACTIVE_FILE) + lru.size(cpu, Lru.ACTIVE_FILE);
        if (swap.freeEntries(cpu) != 0) {
            pages += lru.size(cpu, Lru.INACTIVE_ANON) + lru.size(cpu, Lru.ACTIVE_ANON);
        }
        return pages;
    }
}
