package kemu.workload;

import java.util.Map;
import java.util.TreeMap;
import kemu.hw.mem.PhysMem;

/**
 * What a user program knows of its own mappings: which ranges are files, and whether shared. Needed to say what a page
 * must contain; the kernel never sees it.
 */
final class UserMap {
    /** A mapped range; {@code fileKey} 0 is anonymous. */
    record Range(long start, long end, long fileKey, long pageOffset, boolean shared) {
        long indexOf(long address) {
            return pageOffset + (address - start >>> PhysMem.PAGE_SHIFT);
        }

        Range cut(long from, long to) {
            return new Range(from, to, fileKey, pageOffset + (from - start >>> PhysMem.PAGE_SHIFT), shared);
        }
    }

    private final TreeMap<Long, Range> ranges = new TreeMap<>();

    UserMap() {}

    UserMap copy() {
        UserMap copy = new UserMap();
        copy.ranges.putAll(ranges);
        return copy;
    }

    void clear() {
        ranges.clear();
    }

    /** The file range that holds {@code address}, or null for anonymous memory. */
    Range fileAt(long address) {
        Map.Entry<Long, Range> entry = ranges.floorEntry(address);
        return entry != null && address < entry.getValue().end() ? entry.getValue() : null;
    }

    /** Where the file range or the anonymous stretch that holds {@code address} ends. */
    long runEnd(long address) {
        Range file = fileAt(address);
        if (file != null) {
            return file.end();
        }
        Long next = ranges.higherKey(address);
        return next == null ? Long.MAX_VALUE : next;
    }

    /** Forgets what was mapped in the range, then remembers the file mapped there, if it is one. */
    void map(long start, long length, long fileKey, long pageOffset, boolean shared) {
        long end = start + pageUp(length);
        unmap(start, end - start);
        if (fileKey != 0) {
            ranges.put(start, new Range(start, end, fileKey, pageOffset, shared));
        }
    }

    void unmap(long start, long length) {
        long end = start + pageUp(length);
        Map.Entry<Long, Range> entry = ranges.lowerEntry(end);
        // Ends: every round removes a range that overlaps and puts back only parts outside.
        while (entry != null && entry.getValue().end() > start) {
            Range range = entry.getValue();
            ranges.remove(entry.getKey());
            if (range.start() < start) {
                ranges.put(range.start(), range.cut(range.start(), start));
            }
            if (range.end() > end) {
                ranges.put(end, range.cut(end, range.end()));
            }
            entry = ranges.lowerEntry(end);
            if (entry != null && entry.getValue().end() <= start) {
                break;
            }
        }
    }

    /** {@code bytes}, rounded up to whole pages (PAGE_ALIGN). */
    static long pageUp(long bytes) {
        return bytes + PhysMem.PAGE_SIZE - 1 & -PhysMem.PAGE_SIZE;
    }
}
