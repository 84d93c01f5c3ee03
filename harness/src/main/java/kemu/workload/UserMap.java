package kemu.workload;

import java.util.Arrays;
import kemu.hw.mem.PhysMem;

/**
 * What a user program knows of its own mappings: which ranges are files, and whether shared. Needed to say what a page
 * must contain; the kernel never sees it. Ranges are told by their index, which holds until the next change; a map that
 * is cleared keeps its arrays.
 */
final class UserMap {
    /** {@link #find} of anonymous memory. */
    static final int ANONYMOUS = -1;

    private static final int FEW_RANGES = 16;

    /** Of the first {@code count} ranges, ascending: where they start and end, what file, and which page of it. */
    private long[] start = new long[FEW_RANGES];

    private long[] end = new long[FEW_RANGES];
    private long[] fileKey = new long[FEW_RANGES];
    private long[] pageOffset = new long[FEW_RANGES];
    private boolean[] shared = new boolean[FEW_RANGES];
    private int count;

    UserMap() {}

    void clear() {
        count = 0;
    }

    /** The child's knowledge after fork: that of {@code parent}. */
    void become(UserMap parent) {
        count = 0;
        room(parent.count);
        move(parent, 0, 0, parent.count);
        count = parent.count;
    }

    /** The file range that holds {@code address}, or {@link #ANONYMOUS}. */
    int find(long address) {
        int at = startsBefore(address + 1) - 1;
        return at >= 0 && address < end[at] ? at : ANONYMOUS;
    }

    /** The file that range {@code at} maps. */
    long fileKey(int at) {
        return fileKey[at];
    }

    /** Which page of its file range {@code at} has at {@code address}. */
    long indexOf(int at, long address) {
        return pageOffset[at] + (address - start[at] >>> PhysMem.PAGE_SHIFT);
    }

    boolean isShared(int at) {
        return shared[at];
    }

    /** Where the file range or the anonymous stretch that holds {@code address} ends. */
    long runEnd(long address) {
        int next = startsBefore(address + 1);
        if (next > 0 && address < end[next - 1]) {
            return end[next - 1];
        }
        return next == count ? Long.MAX_VALUE : start[next];
    }

    /** Forgets what was mapped in the range, then remembers the file mapped there, if it is one. */
    void map(long from, long length, long key, long offset, boolean isShared) {
        unmap(from, length);
        if (key != 0) {
            int at = startsBefore(from);
            open(at);
            start[at] = from;
            end[at] = from + pageUp(length);
            fileKey[at] = key;
            pageOffset[at] = offset;
            shared[at] = isShared;
        }
    }

    void unmap(long from, long length) {
        long to = from + pageUp(length);
        int first = startsBefore(from);
        if (first > 0 && end[first - 1] > from) {
            splitAt(first - 1, from);
        }
        int last = startsBefore(to);
        if (last > first && end[last - 1] > to) {
            splitAt(last - 1, to);
        }
        move(this, last, first, count - last);
        count -= last - first;
    }

    /** Makes two ranges of range {@code at}, the second from {@code border} on. */
    private void splitAt(int at, long border) {
        open(at + 1);
        move(this, at, at + 1, 1);
        pageOffset[at + 1] = indexOf(at, border);
        start[at + 1] = border;
        end[at] = border;
    }

    /** How many ranges start below {@code address}: the index of the first that does not. */
    private int startsBefore(long address) {
        int at = Arrays.binarySearch(start, 0, count, address);
        return at < 0 ? -at - 1 : at;
    }

    /** Makes room for one range at {@code at}. */
    private void open(int at) {
        room(count + 1);
        move(this, at, at + 1, count - at);
        count++;
    }

    private void move(UserMap from, int source, int target, int ranges) {
        System.arraycopy(from.start, source, start, target, ranges);
        System.arraycopy(from.end, source, end, target, ranges);
        System.arraycopy(from.fileKey, source, fileKey, target, ranges);
        System.arraycopy(from.pageOffset, source, pageOffset, target, ranges);
        System.arraycopy(from.shared, source, shared, target, ranges);
    }

    private void room(int ranges) {
        if (ranges > start.length) {
            int length = 2 * ranges;
            start = Arrays.copyOf(start, length);
            end = Arrays.copyOf(end, length);
            fileKey = Arrays.copyOf(fileKey, length);
            pageOffset = Arrays.copyOf(pageOffset, length);
            shared = Arrays.copyOf(shared, length);
        }
    }

    /** {@code bytes}, rounded up to whole pages (PAGE_ALIGN). */
    static long pageUp(long bytes) {
        return bytes + PhysMem.PAGE_SIZE - 1 & -PhysMem.PAGE_SIZE;
    }
}
