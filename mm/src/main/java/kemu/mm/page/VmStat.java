package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;

/**
 * Counters of /proc/vmstat. Most are per CPU and summed on reading; those that count pages on lists of the zone are one
 * word each, guarded by the list's lock, so that reclaim and the watermarks read them exactly and cheaply.
 *
 * <p>Source: Linux 6.1 mm/vmstat.c for the names, 2.6.36 for what is counted when.
 */
public final class VmStat {
    /** Pages on the zone's lists: guarded by zone->lock (the first) or zone->lru_lock (the others). */
    public static final int NR_FREE_PAGES = 0,
            NR_INACTIVE_ANON = 1,
            NR_ACTIVE_ANON = 2,
            NR_INACTIVE_FILE = 3,
            NR_ACTIVE_FILE = 4,
            NR_UNEVICTABLE = 5;

    /** Pages by use. */
    public static final int NR_MLOCK = 6,
            NR_ANON_PAGES = 7,
            NR_MAPPED = 8,
            NR_FILE_PAGES = 9,
            NR_DIRTY = 10,
            NR_WRITEBACK = 11,
            NR_SLAB_RECLAIMABLE = 12,
            NR_SLAB_UNRECLAIMABLE = 13,
            NR_PAGE_TABLE_PAGES = 14,
            NR_ISOLATED_ANON = 15,
            NR_ISOLATED_FILE = 16;

    /** Events: I/O, allocation, faults, reclaim. */
    public static final int PGPGIN = 17,
            PGPGOUT = 18,
            PSWPIN = 19,
            PSWPOUT = 20,
            PGALLOC = 21,
            PGFREE = 22,
            PGACTIVATE = 23,
            PGDEACTIVATE = 24,
            PGFAULT = 25,
            PGMAJFAULT = 26,
            PGREFILL = 27,
            PGSCAN_KSWAPD = 28,
            PGSCAN_DIRECT = 29,
            PGSTEAL_KSWAPD = 30,
            PGSTEAL_DIRECT = 31,
            PAGEOUTRUN = 32,
            ALLOCSTALL = 33,
            PGROTATED = 34,
            OOM_KILL = 35,
            KSWAPD_WAKE = 36,
            SLABS_SCANNED = 37,
            PGREUSE = 38;

    /** Pages in the swap cache. */
    public static final int NR_SWAPCACHED = 39;

    /** Events of the mlock protocol. */
    public static final int UNEVICTABLE_PGCULLED = 40,
            UNEVICTABLE_PGSCANNED = 41,
            UNEVICTABLE_PGRESCUED = 42,
            UNEVICTABLE_PGMLOCKED = 43,
            UNEVICTABLE_PGMUNLOCKED = 44,
            UNEVICTABLE_PGCLEARED = 45,
            UNEVICTABLE_PGSTRANDED = 46,
            UNEVICTABLE_MLOCKFREED = 47;

    private static final String[] NAMES = {
        "nr_free_pages",
        "nr_inactive_anon",
        "nr_active_anon",
        "nr_inactive_file",
        "nr_active_file",
        "nr_unevictable",
        "nr_mlock",
        "nr_anon_pages",
        "nr_mapped",
        "nr_file_pages",
        "nr_dirty",
        "nr_writeback",
        "nr_slab_reclaimable",
        "nr_slab_unreclaimable",
        "nr_page_table_pages",
        "nr_isolated_anon",
        "nr_isolated_file",
        "pgpgin",
        "pgpgout",
        "pswpin",
        "pswpout",
        "pgalloc_normal",
        "pgfree",
        "pgactivate",
        "pgdeactivate",
        "pgfault",
        "pgmajfault",
        "pgrefill",
        "pgscan_kswapd",
        "pgscan_direct",
        "pgsteal_kswapd",
        "pgsteal_direct",
        "pageoutrun",
        "allocstall",
        "pgrotated",
        "oom_kill",
        "kswapd_wake",
        "slabs_scanned",
        "pgreuse",
        "nr_swapcached",
        "unevictable_pgs_culled",
        "unevictable_pgs_scanned",
        "unevictable_pgs_rescued",
        "unevictable_pgs_mlocked",
        "unevictable_pgs_munlocked",
        "unevictable_pgs_cleared",
        "unevictable_pgs_stranded",
        "unevictable_pgs_mlockfreed"
    };

    /** The zone's words: the free count on a line of its own, since its lock is another one than the LRU's. */
    private static final int ZONE_BYTES = 128;

    private static final int ZONE_LRU = 64;

    private final Machine machine;
    private final int offset;
    private final long zone;

    /** Boot only. */
    public VmStat(Machine machine) {
        this.machine = machine;
        offset = machine.reservePerCpu(NAMES.length * Long.BYTES);
        for (int i = 0; i < machine.cpus(); i++) {
            machine.memory().symbols().racy(machine.cpu(i).area() + offset, NAMES.length * (long) Long.BYTES);
        }
        zone = machine.bootAllocator().allocate(machine.bootCpu(), ZONE_BYTES, 64, "vm_stat");
    }

    /**
     * Adds to this CPU's share of {@code item}. Not for the items of the zone's lists. Unordered; safe in interrupts,
     * since nothing interrupts two plain accesses.
     */
    public void add(Cpu cpu, int item, long delta) {
        long at = cpu.area() + offset + item * (long) Long.BYTES;
        // RACE: sum() reads other CPUs' shares; harmless because a sum is stale anyway.
        cpu.write64(at, cpu.read64(at) + delta);
    }

    /** Adds one to this CPU's share of {@code item}. */
    public void inc(Cpu cpu, int item) {
        add(cpu, item, 1);
    }

    /** Adds to an item of the zone's lists. Context: zone->lock for NR_FREE_PAGES, zone->lru_lock for the LRU lists. */
    public void addZone(Cpu cpu, int item, long delta) {
        long at = zoneWord(item);
        cpu.writeOnce64(at, cpu.read64(at) + delta);
    }

    /** An item of the zone's lists: exact under its lock, else a recent value. One untorn load. */
    public long zone(Cpu cpu, int item) {
        return cpu.readOnce64(zoneWord(item));
    }

    private long zoneWord(int item) {
        return item == NR_FREE_PAGES ? zone : zone + ZONE_LRU + (item - 1) * (long) Long.BYTES;
    }

    /** The value of {@code item}, summed over all CPUs; racy while they run. */
    public long sum(Cpu cpu, int item) {
        if (item <= NR_UNEVICTABLE) {
            return zone(cpu, item);
        }
        long total = 0;
        for (int i = 0; i < machine.cpus(); i++) {
            total += cpu.readOnce64(machine.cpu(i).area() + offset + item * (long) Long.BYTES);
        }
        return total;
    }

    /** Names as in /proc/vmstat; the index is the item. */
    public static String[] names() {
        return NAMES.clone();
    }
}
