package kemu.workload;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;

import org.agrona.collections.Long2LongHashMap;

/**
 * What a process expects to find in its memory: for every page it wrote, the stamp it left there. Lives on the host,
 * out of reach of the emulated kernel, so that a wrong COW, a lost page or a bad swap-in cannot hide. Not shared
 * between tasks that run at the same time, except by threads of one mm, which the caller serialises.
 */
public final class StampTable {
    /** Value of a page that was never written: its stamp word is zero. */
    public static final long UNWRITTEN = 0;

    private final Long2LongHashMap stamps;

    /** An empty table: a new address space. */
    public StampTable() {
        stamps = new Long2LongHashMap(UNWRITTEN);
    }

    private StampTable(Long2LongHashMap stamps) {
        this.stamps = stamps;
    }

    /** The child's expectations after fork: those of the parent. */
    public StampTable forked() {
        Long2LongHashMap copy = new Long2LongHashMap(UNWRITTEN);
        copy.putAll(stamps);
        return new StampTable(copy);
    }

    /** The stamp expected in the page of {@code address}. */
    public long expected(long address) {
        return stamps.get(address >>> PAGE_SHIFT);
    }

    /** Remembers that the page of {@code address} was stamped with {@code stamp}. */
    public void written(long address, long stamp) {
        stamps.put(address >>> PAGE_SHIFT, stamp);
    }

    /** Forgets pages of a range that is unmapped or replaced. */
    public void forget(long address, long length) {
        long first = address >>> PAGE_SHIFT;
        long end = UserMap.pageUp(address + length) >>> PAGE_SHIFT;
        if (stamps.isEmpty()) {
            return;
        }
        if (end - first > stamps.size()) {
            stamps.keySet().removeIf(page -> page >= first && page < end);
            return;
        }
        for (long page = first; page < end; page++) {
            stamps.remove(page);
        }
    }

    /** Moves the expectations of a range, as mremap moves the pages. */
    public void move(long from, long to, long length) {
        long pages = UserMap.pageUp(length) >>> PAGE_SHIFT;
        for (long i = 0; i < pages; i++) {
            long stamp = stamps.remove((from >>> PAGE_SHIFT) + i);
            if (stamp != UNWRITTEN) {
                stamps.put((to >>> PAGE_SHIFT) + i, stamp);
            }
        }
    }

    /** Number of stamped pages. */
    public int size() {
        return stamps.size();
    }
}
