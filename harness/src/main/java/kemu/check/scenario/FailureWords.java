package kemu.check.scenario;

import static kemu.check.scenario.FailureKind.*;

import java.util.List;

/** What the kernel and the oracles say when they have found something, and the kind that is. */
final class FailureWords {
    /** What the first line of a message says somewhere. The first row that fits counts. */
    private record Row(String words, FailureKind kind) {}

    private static final List<Row> ROWS = List.of(
            new Row("that nobody can change", HANG),
            new Row("that nobody can free", HANG),
            new Row("INFO: task", HANG),
            new Row("BUG: soft lockup", HANG),
            new Row("BUG: hard LOCKUP", HANG),
            new Row("BUG: spinlock recursion", HANG),
            new Row("steps: a livelock", LIVELOCK),
            new Row("bad unlock balance", BAD_UNLOCK),
            new Row("BUG: mutex_unlock by", BAD_UNLOCK),
            new Row("BUG: bit_spin_unlock of a clear bit", BAD_UNLOCK),
            new Row("BUG: spinlock already unlocked", BAD_UNLOCK),
            new Row("BUG: spinlock wrong owner", BAD_UNLOCK),
            new Row("BUG: unlock of a page that is not locked", BAD_UNLOCK),
            new Row("BUG: spinlock bad magic", LOCK_WIPED),
            new Row("ended with lock held", LOCK_HELD),
            new Row("queued spinlocks", LOCK_HELD),
            new Row("BUG: KCSAN: data-race", DATA_RACE),
            new Row("WARNING: possible recursive locking", LOCK_ORDER),
            new Row("WARNING: possible circular locking", LOCK_ORDER),
            new Row("-unsafe lock order detected", LOCK_IRQ),
            new Row("WARNING: inconsistent lock state", LOCK_IRQ),
            new Row("WARNING: held lock freed", HELD_LOCK_FREED),
            new Row("BUG: sleeping function called", ATOMIC_CONTEXT),
            new Row("BUG: scheduling while atomic", ATOMIC_CONTEXT),
            new Row("BUG: cross-CPU call in an interrupt", ATOMIC_CONTEXT),
            new Row("BUG: blocking on a lock while on a wait queue", ATOMIC_CONTEXT),
            new Row("WARNING: suspicious RCU usage", RCU_USAGE),
            new Row("still has locks held!", RCU_USAGE),
            new Row("BUG: call_rcu ", RCU_USAGE),
            new Row("BUG: RCU reader outlived", RCU_OUTLIVED),
            new Row("BUG: a grace period starts while", RCU_STATE),
            new Row("BUG: rcu_node ", RCU_STATE),
            new Row("BUG: KASAN: slab-use-after-free", USE_AFTER_FREE),
            new Row("BUG: KASAN: use-after-free", USE_AFTER_FREE),
            new Row("BUG: rcu_free_slab of a cache that is destroyed", USE_AFTER_FREE),
            new Row("BUG: KASAN: slab-use-before-allocation", USE_BEFORE_ALLOCATION),
            new Row("BUG: KASAN: type-confusion", TYPE_CONFUSION),
            new Row("BUG: KASAN: slab-out-of-bounds", OUT_OF_BOUNDS),
            new Row("BUG: KASAN: double-free", DOUBLE_FREE),
            new Row("BUG: KASAN: invalid-free", INVALID_FREE),
            new Row(": Object already free", DOUBLE_FREE),
            new Row(" freed twice on CPU#", DOUBLE_FREE),
            new Row(": Invalid object pointer", INVALID_FREE),
            new Row(": Object is on no slab of this cache", INVALID_FREE),
            new Row(": Objects remaining on kmem_cache_close()", LEAK),
            new Row("BUG: non-zero nr_ptes", LEAK),
            new Row(" is no struct page", WILD_ACCESS),
            new Row("BUG: no struct page for address", WILD_ACCESS),
            new Row("(I1)", RMAP_I1),
            new Row("(I3)", RMAP_I3),
            new Row("(I8)", RMAP_I8),
            new Row("BUG: put of a free anon_vma", RMAP_I8),
            new Row("is mapped by a VMA of another anon_vma tree", RMAP_I3),
            new Row("BUG: merge of VMAs with different anon_vmas", RMAP_I10),
            new Row("BUG: page_add_anon_rmap of an unlocked page", RMAP_USAGE),
            new Row(" at the wrong offset", RMAP_USAGE),
            new Row("BUG: user memory", USER_MEMORY),
            new Row("BUG: accounting at rest", ACCOUNTING),
            new Row("BUG: Bad rss-counter state", ACCOUNTING),
            new Row("BUG: mm_users of mm", ACCOUNTING),
            new Row(": Unused swap offset entry", ACCOUNTING),
            new Row("BUG: Bad page state", BAD_PAGE_STATE),
            new Row("BUG: Bad page map", BAD_PAGE_STATE),
            new Row("BUG: end of writeback of a page that is not written", BAD_PAGE_STATE),
            new Row(" corruption ", CORRUPTION),
            new Row("BUG: overwritten RCU callback", CORRUPTION),
            new Row(": Freelist corrupt", CORRUPTION),
            new Row("BUG: free list of order", CORRUPTION),
            new Row("BUG: page is on an LRU list already", CORRUPTION),
            new Row("BUG: page is on no LRU list", CORRUPTION),
            new Row("BUG: swap entry ", CORRUPTION),
            new Row("BUG: overlapping vmas", CORRUPTION),
            new Row("Out of memory and no killable processes", OUT_OF_MEMORY),
            new Row("Kernel panic - not syncing: Cannot create slab", OUT_OF_MEMORY),
            new Row("BUG: no task slot left", OUT_OF_MEMORY));

    private FailureWords() {}

    /** The kind that {@code message} is of, by its first line. */
    static FailureKind kindOf(String message) {
        String head = message.lines().findFirst().orElse("");
        for (Row row : ROWS) {
            if (head.contains(row.words)) {
                return row.kind;
            }
        }
        return UNKNOWN_BUG;
    }
}
