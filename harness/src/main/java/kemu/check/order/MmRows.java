package kemu.check.order;

import static kemu.check.order.NamedBarrier.invisible;
import static kemu.check.order.NamedBarrier.killed;
import static kemu.check.order.NamedBarrier.redundant;
import static kemu.hw.mem.FailureKind.DATA_RACE;
import static kemu.hw.mem.FailureKind.EXCLUSION;
import static kemu.hw.mem.FailureKind.HALF_MADE;
import static kemu.hw.mem.FailureKind.HANG;
import static kemu.hw.mem.FailureKind.STRANDED_PAGE;
import static kemu.hw.mem.FailureKind.USER_MEMORY;
import static kemu.hw.mem.FailureKind.WILD_ACCESS;
import static kemu.hw.mem.FailureKind.WRONG_OBJECT;

import java.util.List;
import kemu.hw.cache.MemoryModel;

/** Ordering points of mm. */
final class MmRows {
    static final List<NamedBarrier> ALL = List.of(
            killed("page_lock.LOCK:acquire", "PageLock", "lock-page", EXCLUSION),
            killed("page_lock.UNLOCK:release", "PageLock", "lock-page", EXCLUSION),
            killed("page.flags:acquire", "PageLock", "lock-page", EXCLUSION),
            killed("page_cache.CONTENTS_VALID:release", "PageCache", "mm-page-cache", HALF_MADE)
                    .by("pos"),
            killed("page_cache.READ_CONTENTS:acquire", "PageCache", "mm-page-cache", DATA_RACE)
                    .by("pos"),
            killed("page._count:release", "PageCache", "mm-page-drop", WRONG_OBJECT)
                    .by("pos"),
            killed("radix_tree.slot:release", "RadixTree", "mm-page-find", HALF_MADE)
                    .by("pos"),
            killed("fault.SET_PTE:release", "Faults", "mm-faults", DATA_RACE),
            killed("fault.USER_ACCESS", "UserAccess", "mm-shootdown", USER_MEMORY),
            killed("cpu_area.user_access_mm:release", "UserAccess", "mm-shootdown", USER_MEMORY, DATA_RACE)
                    .by("pos"),
            killed("pgtable.FLUSH", "PageTable", "mm-shootdown", DATA_RACE, WILD_ACCESS),
            killed("pgtable.ACCESS_DONE:acquire", "PageTable", "tlb-fork-fault/mmap-sem", DATA_RACE),
            killed("pgtable.PUBLISH:release", "PageTable", "mm-tables", HANG, DATA_RACE)
                    .by("pos"),
            killed("vm_area_struct.anon_vma:acquire", "AnonVmas", "mm-anon-vma", WILD_ACCESS)
                    .on(MemoryModel.ALPHA),
            killed("vm_area_struct.anon_vma:release", "AnonVmas", "mm-anon-vma", WILD_ACCESS, DATA_RACE)
                    .by("pct"),
            killed("lru.PUTBACK_UNEVICTABLE", "Lru", "mlock-barrier-split/split-with-barrier", STRANDED_PAGE),
            killed("lru.ADD_DECIDED", "Lru", "lru-mlock-barrier/split-pagevec", STRANDED_PAGE),
            invisible(
                    "lru.RESCUE:full",
                    "LruLists",
                    "mlock-shm-unlock/split-unlocked-rescue",
                    "the file's flag is cleared by an atomic, which is visible in its turn, and the acquire of the"
                            + " lock of the file's pages follows",
                    "arm64, where the store of an atomic without order may be visible after later loads"),
            killed("mlock.TEST_CLEAR:full", "PageMlock", "mlock-barrier-split/split-with-barrier", STRANDED_PAGE),
            redundant(
                    "swap.CONTENTS_VALID:release",
                    "Swap",
                    "mm-swap",
                    "whoever uses the contents locks the page first, and the unlock that follows is a release"),
            killed("swap_cache.slot:release", "SwapCache", "mm-swap", DATA_RACE),
            redundant(
                    "oom.READ_COUNTERS",
                    "OomKiller",
                    "mm-oom",
                    "it guards a guess: a wrong count makes another task the victim"),
            redundant(
                    "vmscan.WAKE_KSWAPD",
                    "Vmscan",
                    "mm-kswapd",
                    "the next allocation wakes kswapd as well, and allocations reclaim by themselves"),
            invisible(
                    "process.vfork_done:acquire",
                    "Processes",
                    "mm-vfork",
                    "a child of vfork runs on its parent's CPU",
                    "kernels that let it run elsewhere, and no lock is taken between"),
            invisible(
                    "process.vfork_done:release",
                    "Processes",
                    "mm-vfork",
                    "a child of vfork runs on its parent's CPU",
                    "kernels that let it run elsewhere"),
            redundant(
                    "rmap.MAPCOUNT_DROP:full",
                    "PageRmap",
                    "rmap-hang-child/root-rwsem",
                    "the unlock of the root is a release after it, and the put a full atomic"),
            redundant(
                    "rmap.MAPCOUNT_RAISE:full",
                    "PageRmap",
                    "mm-swap",
                    "no promise is built on it: a looker may pair the old mapping with the new count anyway"),
            invisible(
                    "rmap.LOCK_ROOT_VS_FREE",
                    "RootRwSemLocking",
                    "rmap-hang-child/root-rwsem",
                    "the lock is an atomic acquire whose store is visible in its turn",
                    "arm64, where a load may come before the store of an acquire"),
            redundant(
                    "rmap.PUT_LAST_REF:full",
                    "AnonVmaRefs",
                    "rmap-hang-child/root-rwsem",
                    "rmap.MAPCOUNT_DROP is full, and lies between the mapcount and the look at the root's lock"),
            invisible(
                    "rmap.PIN:full",
                    "RootRwSemLocking",
                    "rmap-hang-child/refcount",
                    "16 stores later an old value is gone, and the anon_vma is not reused before",
                    "hardware that keeps old values longer, where the pin may be later than the look at the"
                            + " mapcount"));

    private MmRows() {}
}
