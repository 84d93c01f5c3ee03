package kemu.mm.page;

import java.util.Locale;

/**
 * The counters of /proc/vmstat, a row each. Where a counter lies in emulated memory, its name in reports and what a run
 * checks at its end follow from its row: to add one, add a row and count.
 *
 * <p>Source: Linux 6.1 mm/vmstat.c for the names, 2.6.36 for what is counted when.
 */
public enum VmStatItem {
    /** Guarded by zone->lock. */
    NR_FREE_PAGES(Kind.ZONE),
    /** The LRU lists in the order of {@link Lru}: guarded by zone->lru_lock. */
    NR_INACTIVE_ANON(Kind.ZONE),
    NR_ACTIVE_ANON(Kind.ZONE),
    NR_INACTIVE_FILE(Kind.ZONE),
    NR_ACTIVE_FILE(Kind.ZONE),
    NR_UNEVICTABLE(Kind.ZONE),

    NR_MLOCK(Kind.STOCK),
    NR_ANON_PAGES(Kind.STOCK),
    NR_MAPPED(Kind.STOCK),
    NR_FILE_PAGES(Kind.STOCK),
    NR_DIRTY(Kind.STOCK),
    NR_WRITEBACK(Kind.STOCK),
    /** Slabs keep some empty pages. */
    NR_SLAB_RECLAIMABLE(Kind.KEPT),
    NR_SLAB_UNRECLAIMABLE(Kind.KEPT),
    NR_PAGE_TABLE_PAGES(Kind.STOCK),
    NR_ISOLATED_ANON(Kind.STOCK),
    NR_ISOLATED_FILE(Kind.STOCK),

    PGPGIN(Kind.EVENT),
    PGPGOUT(Kind.EVENT),
    PSWPIN(Kind.EVENT),
    PSWPOUT(Kind.EVENT),
    PGALLOC(Kind.EVENT, "pgalloc_normal"),
    PGFREE(Kind.EVENT),
    PGACTIVATE(Kind.EVENT),
    PGDEACTIVATE(Kind.EVENT),
    PGFAULT(Kind.EVENT),
    PGMAJFAULT(Kind.EVENT),
    PGREFILL(Kind.EVENT),
    PGSCAN_KSWAPD(Kind.EVENT),
    PGSCAN_DIRECT(Kind.EVENT),
    PGSTEAL_KSWAPD(Kind.EVENT),
    PGSTEAL_DIRECT(Kind.EVENT),
    PAGEOUTRUN(Kind.EVENT),
    ALLOCSTALL(Kind.EVENT),
    PGROTATED(Kind.EVENT),
    OOM_KILL(Kind.EVENT),
    KSWAPD_WAKE(Kind.EVENT),
    SLABS_SCANNED(Kind.EVENT),
    PGREUSE(Kind.EVENT),

    /** Pages in the swap cache. */
    NR_SWAPCACHED(Kind.STOCK),

    UNEVICTABLE_PGCULLED(Kind.EVENT, "unevictable_pgs_culled"),
    UNEVICTABLE_PGSCANNED(Kind.EVENT, "unevictable_pgs_scanned"),
    UNEVICTABLE_PGRESCUED(Kind.EVENT, "unevictable_pgs_rescued"),
    UNEVICTABLE_PGMLOCKED(Kind.EVENT, "unevictable_pgs_mlocked"),
    UNEVICTABLE_PGMUNLOCKED(Kind.EVENT, "unevictable_pgs_munlocked"),
    UNEVICTABLE_PGCLEARED(Kind.EVENT, "unevictable_pgs_cleared"),
    UNEVICTABLE_PGSTRANDED(Kind.EVENT, "unevictable_pgs_stranded"),
    UNEVICTABLE_MLOCKFREED(Kind.EVENT, "unevictable_pgs_mlockfreed"),

    /** Faults served under the lock of their VMA. Source: Linux 6.4 CONFIG_PER_VMA_LOCK_STATS, as the next three. */
    VMA_LOCK_SUCCESS(Kind.LATE),
    /** VMAs not found, or not to be locked: the fault goes on with mmap_sem. */
    VMA_LOCK_ABORT(Kind.LATE),
    /** Faults that found out under the lock that they need mmap_sem. */
    VMA_LOCK_RETRY(Kind.LATE),
    /** VMAs that were detached between walk and lock: the walk begins anew. */
    VMA_LOCK_MISS(Kind.LATE),
    /** Faults served without mmap_sem and without a lock. Source: [PATCH v12 28/31] Speculative page faults. */
    SPECULATIVE_PGFAULT(Kind.LATE),

    /** Pages moved elsewhere. Source: Linux 3.8 mm/migrate.c, migrate_pages(), as the next. */
    PGMIGRATE_SUCCESS(Kind.LATE),
    /** Pages that could not be moved. */
    PGMIGRATE_FAIL(Kind.LATE),
    /** Attempts after the first with a page that a process asked to have moved; Linux does not count them. */
    PGMIGRATE_RETRY(Kind.LATE),

    /** Frames that compaction has looked at for pages to move. Source: Linux 3.8 mm/compaction.c, as the next two. */
    COMPACT_MIGRATE_SCANNED(Kind.LATE),
    /** Frames that it has looked at for free ones. */
    COMPACT_FREE_SCANNED(Kind.LATE),
    /** Pages and free frames that it has taken. */
    COMPACT_ISOLATED(Kind.LATE),
    /** Calls for a block of some order. */
    COMPACT_STALL(Kind.LATE),
    /** Of those, calls that came to an end without one. */
    COMPACT_FAIL(Kind.LATE),
    /** Of those, calls that made one. */
    COMPACT_SUCCESS(Kind.LATE),

    /** Frames whose memory has failed and that nobody uses any more. Source: Linux 2.6.36 mm/memory-failure.c. */
    HWPOISON_RECOVERED(Kind.LATE),
    /** Frames whose memory has failed and that somebody goes on using. */
    HWPOISON_IGNORED(Kind.LATE),
    /** Processes to be killed since a page that they mapped has failed and nothing else has its contents. */
    HWPOISON_KILLED(Kind.LATE),
    /** Accesses to pages whose memory has failed: SIGBUS. */
    HWPOISON_FAULTS(Kind.LATE),

    /** KSM pages with a place in the stable tree. Source: Linux 2.6.36 /sys/kernel/mm/ksm, as the next two. */
    KSM_PAGES_SHARED(Kind.LATE_STOCK),
    /** Addresses that share them, beyond the first of each: pages saved. */
    KSM_PAGES_SHARING(Kind.LATE_STOCK),
    /** Pages that were seen twice with the same contents and found no equal. */
    KSM_PAGES_UNSHARED(Kind.LATE_STOCK),
    /** Pages given up for an equal one. */
    KSM_PAGES_MERGED(Kind.LATE),
    /** Rounds of ksmd over all of its address spaces. */
    KSM_FULL_SCANS(Kind.LATE),
    /** Copies made at swap-in, since the cached page belongs elsewhere. Source: Linux 5.18 mm/ksm.c, as the next. */
    KSM_SWPIN_COPY(Kind.LATE),
    /** Writes to a KSM page, which copy it. */
    COW_KSM(Kind.LATE),

    /** Faults that mapped a huge page. Source: Linux 4.5 mm/huge_memory.c, as the next four. */
    THP_FAULT_ALLOC(Kind.LATE),
    /** Faults that would have, had there been 512 frames in a row. */
    THP_FAULT_FALLBACK(Kind.LATE),
    /** Huge pages allocated to collapse small ones. */
    THP_COLLAPSE_ALLOC(Kind.LATE),
    /** Huge pages split. */
    THP_SPLIT_PAGE(Kind.LATE),
    /** PMDs that mapped one of those. */
    THP_SPLIT_PMD(Kind.LATE),
    /** Collapses given up since there were no 512 frames in a row. Source: Linux 2.6.39 mm/huge_memory.c. */
    THP_COLLAPSE_ALLOC_FAILED(Kind.LATE),
    /**
     * Huge pages that khugepaged has made of small ones. Source: Linux 2.6.38
     * /sys/kernel/mm/transparent_hugepage/khugepaged, as the next.
     */
    KHUGEPAGED_PAGES_COLLAPSED(Kind.LATE),
    /** Rounds of khugepaged over all of its address spaces. */
    KHUGEPAGED_FULL_SCANS(Kind.LATE);

    /** What kind of number a counter is: where it lies, and what is expected of it when all processes are gone. */
    public enum Kind {
        /** Pages on a list of the zone: one word, exact under the list's lock. Audits count the list itself. */
        ZONE,
        /** Pages in some use by processes or caches: back to what it was when those are gone. */
        STOCK,
        /** Pages in some use that may outlive it. */
        KEPT,
        /** Things that happened: only grows. */
        EVENT,
        /**
         * The same, in memory at the end of the per-CPU areas: adding one moves nothing else. {@link VmStat#incLate}
         * counts.
         */
        LATE,
        /** What {@link #STOCK} is, in the same memory as {@link #LATE}. */
        LATE_STOCK;

        /** True if it lies at the end of the per-CPU areas. */
        public boolean isLate() {
            return this == LATE || this == LATE_STOCK;
        }

        /** True if it is back to what it was when processes and caches are gone. */
        public boolean isStock() {
            return this == STOCK || this == LATE_STOCK;
        }
    }

    private static final VmStatItem[] ALL = values();
    /** How many lie among the rest: those before the first of {@link Kind#LATE}. */
    static final int EARLY = VMA_LOCK_SUCCESS.ordinal();
    /** How many lie at the end of the per-CPU areas. */
    static final int LATE = ALL.length - EARLY;

    private final Kind kind;
    private final String key;

    VmStatItem(Kind kind, String key) {
        this.kind = kind;
        this.key = key;
    }

    VmStatItem(Kind kind) {
        this.kind = kind;
        this.key = name().toLowerCase(Locale.ROOT);
    }

    /** Its kind. */
    public Kind kind() {
        return kind;
    }

    /** Its name in /proc/vmstat, run.json and counters.jsonl. */
    public String key() {
        return key;
    }

    /** The count of LRU list {@code list} ({@link Lru}). */
    static VmStatItem ofList(int list) {
        return ALL[1 + list];
    }
}
