package kemu.workload;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;

import java.util.Arrays;

/**
 * What a process expects to find in its memory: for every page it wrote, the stamp it left there. Lives on the host,
 * out of reach of the emulated kernel, so that a wrong COW, a lost page or a bad swap-in cannot hide. Not shared
 * between tasks that run at the same time, except by threads of one mm, which the caller serialises.
 *
 * <p>Stamps of neighbouring pages lie side by side, as a page table has them. A table that is cleared keeps its arrays:
 * used again, it takes nothing from the host's heap.
 */
public final class StampTable {
    /** Value of a page that was never written: its stamp word is zero. */
    public static final long UNWRITTEN = 0;

    private static final int CHUNK_SHIFT = 9;
    private static final int CHUNK_PAGES = 1 << CHUNK_SHIFT;
    private static final int FEW_CHUNKS = 8;

    /** Numbers of the first {@code count} chunks, ascending: page numbers without the bits inside a chunk. */
    private long[] numbers = new long[FEW_CHUNKS];
    /** Their stamps; those beyond, if there, hold no stamp and wait to be used. */
    private long[][] chunks = new long[FEW_CHUNKS][];

    private int count;
    private int usedLast;

    /** An empty table: a new address space. */
    public StampTable() {}

    /** Expects nothing any more. */
    void clear() {
        for (int i = 0; i < count; i++) {
            Arrays.fill(chunks[i], UNWRITTEN);
        }
        count = 0;
    }

    /** The child's expectations after fork: those of {@code parent}. */
    void become(StampTable parent) {
        clear();
        for (int i = 0; i < parent.count; i++) {
            insert(i, parent.numbers[i]);
            System.arraycopy(parent.chunks[i], 0, chunks[i], 0, CHUNK_PAGES);
        }
    }

    /** The stamp expected in the page of {@code address}. */
    public long expected(long address) {
        long page = address >>> PAGE_SHIFT;
        int at = find(page >>> CHUNK_SHIFT);
        return at < 0 ? UNWRITTEN : chunks[at][inChunk(page)];
    }

    /** Remembers that the page of {@code address} was stamped with {@code stamp}. */
    public void written(long address, long stamp) {
        put(address >>> PAGE_SHIFT, stamp);
    }

    /** Forgets pages of a range that is unmapped or replaced. */
    public void forget(long address, long length) {
        long first = address >>> PAGE_SHIFT;
        long end = UserMap.pageUp(address + length) >>> PAGE_SHIFT;
        int at = find(first >>> CHUNK_SHIFT);
        for (int i = at < 0 ? -at - 1 : at; i < count && numbers[i] << CHUNK_SHIFT < end; i++) {
            long start = numbers[i] << CHUNK_SHIFT;
            int from = (int) Math.max(0, first - start);
            int to = (int) Math.min(CHUNK_PAGES, end - start);
            if (from < to) {
                Arrays.fill(chunks[i], from, to, UNWRITTEN);
            }
        }
    }

    /** Moves the expectations of a range, as mremap moves the pages. */
    public void move(long from, long to, long length) {
        long pages = UserMap.pageUp(length) >>> PAGE_SHIFT;
        for (long i = 0; i < pages; i++) {
            long page = (from >>> PAGE_SHIFT) + i;
            int at = find(page >>> CHUNK_SHIFT);
            long stamp = at < 0 ? UNWRITTEN : chunks[at][inChunk(page)];
            if (stamp != UNWRITTEN) {
                chunks[at][inChunk(page)] = UNWRITTEN;
                put((to >>> PAGE_SHIFT) + i, stamp);
            }
        }
    }

    private static int inChunk(long page) {
        return (int) page & CHUNK_PAGES - 1;
    }

    private void put(long page, long stamp) {
        long number = page >>> CHUNK_SHIFT;
        int at = find(number);
        if (at < 0) {
            at = -at - 1;
            insert(at, number);
        }
        chunks[at][inChunk(page)] = stamp;
    }

    /** Where the chunk is, or -1 less where it belongs. */
    private int find(long number) {
        int last = usedLast;
        if (last < count && numbers[last] == number) {
            return last;
        }
        int at = Arrays.binarySearch(numbers, 0, count, number);
        usedLast = Math.max(at, 0);
        return at;
    }

    private void insert(int at, long number) {
        if (count == numbers.length) {
            numbers = Arrays.copyOf(numbers, 2 * count);
            chunks = Arrays.copyOf(chunks, 2 * count);
        }
        long[] chunk = chunks[count];
        System.arraycopy(numbers, at, numbers, at + 1, count - at);
        System.arraycopy(chunks, at, chunks, at + 1, count - at);
        numbers[at] = number;
        chunks[at] = chunk == null ? new long[CHUNK_PAGES] : chunk;
        count++;
    }
}
