package kemu.check.order;

import static kemu.check.order.NamedBarrier.killed;
import static kemu.check.order.NamedBarrier.redundant;
import static kemu.hw.mem.FailureKind.DATA_RACE;
import static kemu.hw.mem.FailureKind.HANG;
import static kemu.hw.mem.FailureKind.USE_AFTER_FREE;

import java.util.List;

/** Ordering points of lookups of VMAs without mmap_sem. */
final class VmaRows {
    static final List<NamedBarrier> ALL = List.of(
            killed("vma_lock.UNLOCK_ALL:release", "LockSeqOrder", "vma-lock-mprotect/per-vma-lock", DATA_RACE),
            killed("vma_lock.SEEN_UNLOCKED:acquire", "LockSeqOrder", "vma-lock-mprotect/per-vma-lock", DATA_RACE),
            killed(
                    "vma_refcount.UNLOCK_ALL:release",
                    "VmaRefcountLookup",
                    "vma-lock-mprotect/per-vma-refcount",
                    DATA_RACE),
            killed(
                    "vma_refcount.SEEN_UNLOCKED:acquire",
                    "VmaRefcountLookup",
                    "vma-lock-mprotect/per-vma-refcount",
                    DATA_RACE),
            killed(
                    "vma_refcount.NEXT_WRITER:release",
                    "VmaRefcountLookup",
                    "vma-lock-next-writer/per-vma-refcount",
                    DATA_RACE),
            killed("vma_refcount.READ:acquire", "VmaRefcount", "vma-recycled-mm/per-vma-refcount", DATA_RACE),
            killed("vma_refcount.PUT:release", "VmaRefcount", "vma-recycled-mm/per-vma-refcount", DATA_RACE),
            killed("vma_refcount.READERS_GONE:acquire", "VmaRefcount", "vma-lock-mprotect/per-vma-refcount", DATA_RACE),
            killed("vma_refcount.LET_IN:release", "VmaRefcount", "vma-lock-mprotect/per-vma-refcount", DATA_RACE),
            killed("vma_refcount.vm_refcnt:release", "VmaRefcount", "vma-recycled-mm/per-vma-refcount", DATA_RACE),
            killed("vma_refcount.WAKE", "VmaRefcount", "vma-lock-mprotect/per-vma-refcount", HANG),
            killed("spf.SEEN_NUMBER:acquire", "VmaCache", "vma-cache-fill/spf", USE_AFTER_FREE)
                    .by("pos"),
            redundant(
                    "spf.ERASED",
                    "SpfLookup",
                    "vma-zap/spf",
                    "the sequence of the VMA is odd, and fenced, since before it left the tree"),
            redundant(
                    "spf.HAS_CHANGED",
                    "SpfLookup",
                    "vma-zap/spf",
                    "the look at the sequence that follows has a fence of its own"));

    private VmaRows() {}
}
