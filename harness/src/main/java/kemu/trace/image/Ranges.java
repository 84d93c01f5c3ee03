package kemu.trace.image;

import java.util.Arrays;

/** A small set of address ranges; linear, for the hundred or so mappings of one image. */
final class Ranges {
    private long[] starts = new long[32];
    private long[] ends = new long[32];
    private int count;

    void add(long start, long length) {
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, count * 2);
            ends = Arrays.copyOf(ends, count * 2);
        }
        starts[count] = start;
        ends[count++] = start + length;
    }

    boolean contains(long address) {
        for (int i = 0; i < count; i++) {
            if (address >= starts[i] && address < ends[i]) {
                return true;
            }
        }
        return false;
    }

    /** End of the highest range overlapping {@code [start, end)}, or {@code start} if none does. */
    long endOfOverlap(long start, long end) {
        long cut = start;
        for (int i = 0; i < count; i++) {
            if (starts[i] < end && ends[i] > start) {
                cut = Math.max(cut, ends[i]);
            }
        }
        return cut;
    }

    /** Start of the lowest range overlapping {@code [start, end)}, or {@code end} if none does. */
    long startOfOverlap(long start, long end) {
        long cut = end;
        for (int i = 0; i < count; i++) {
            if (starts[i] < end && ends[i] > start) {
                cut = Math.min(cut, starts[i]);
            }
        }
        return cut;
    }

    /** Bytes from {@code address} to the nearest range, {@link Long#MAX_VALUE} if there is none. */
    long distance(long address) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            long d = address < starts[i] ? starts[i] - address : Math.max(0, address - ends[i]);
            least = Math.min(least, d);
        }
        return least;
    }

    /** Highest end, 0 if empty. */
    long top() {
        long top = 0;
        for (int i = 0; i < count; i++) {
            top = Math.max(top, ends[i]);
        }
        return top;
    }
}
