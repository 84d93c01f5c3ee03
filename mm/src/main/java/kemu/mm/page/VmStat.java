package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/**
 * Counters of /proc/vmstat: per CPU, summed on reading.
 */
public final class VmStat {
    /** Items, named as in /proc/vmstat. The page helper adds the rest of KERNEL-FACTS F.3. */
    public static final int NR_FREE_PAGES = 0, NR_INACTIVE_ANON = 1, NR_ACTIVE_ANON = 2, NR_INACTIVE_FILE = 3,
            NR_ACTIVE_FILE = 4, NR_UNEVICTABLE = 5, NR_MLOCK = 6, NR_ANON_PAGES = 7, NR_MAPPED = 8, NR_FILE_PAGES = 9,
            NR_DIRTY = 10, NR_WRITEBACK = 11, NR_SLAB_RECLAIMABLE = 12, NR_SLAB_UNRECLAIMABLE = 13,
            NR_PAGE_TABLE_PAGES = 14, NR_ISOLATED_ANON = 15, NR_ISOLATED_FILE = 16, PGPGIN = 17, PGPGOUT = 18,
            PSWPIN = 19, PSWPOUT = 20, PGALLOC = 21, PGFREE = 22, PGACTIVATE = 23, PGDEACTIVATE = 24, PGFAULT = 25,
            PGMAJFAULT = 26, PGREFILL = 27, PGSCAN_KSWAPD = 28, PGSCAN_DIRECT = 29, PGSTEAL_KSWAPD = 30,
            PGSTEAL_DIRECT = 31, PAGEOUTRUN = 32, ALLOCSTALL = 33, PGROTATED = 34, OOM_KILL = 35, KSWAPD_WAKE = 36,
            SLABS_SCANNED = 37, PGREUSE = 38, NR_SWAPCACHED = 39;

    private final Kernel kernel;

    /** Part of {@code kernel}; boot only. */
    public VmStat(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Adds to this CPU's share of {@code item}. Unordered. */
    public void add(Cpu cpu, int item, long delta) {
        throw new UnsupportedOperationException("VmStat");
    }

    /** Adds one to this CPU's share of {@code item}. */
    public void inc(Cpu cpu, int item) {
        throw new UnsupportedOperationException("VmStat");
    }

    /** Sum over all CPUs; racy while they run. */
    public long sum(Cpu cpu, int item) {
        throw new UnsupportedOperationException("VmStat");
    }

    /** Names as in /proc/vmstat; the index is the item. */
    public static String[] names() {
        throw new UnsupportedOperationException("VmStat");
    }
}
