package kemu.hw.cache;

import java.util.Arrays;

/**
 * The cache of one CPU: 64-byte lines, {@value #SETS} sets of {@value #WAYS} (32 KiB), least recently used goes first,
 * states of MESI. It holds no data: it decides what an access costs and counts it.
 */
public final class CpuCache {
    /** Sets; a power of two. */
    public static final int SETS = 64;
    /** Lines per set. */
    public static final int WAYS = 8;

    static final byte SHARED = 1;
    static final byte EXCLUSIVE = 2;
    static final byte MODIFIED = 3;

    private final int id;
    private final LineDirectory directory;
    private final long[] lines = new long[SETS * WAYS];
    private final byte[] states = new byte[SETS * WAYS];
    private final long[] counts = new long[CacheEvent.values().length];

    CpuCache(int id, LineDirectory directory) {
        this.id = id;
        this.directory = directory;
    }

    /** How often {@code event} happened on this CPU. */
    public long count(CacheEvent event) {
        return counts[event.ordinal()];
    }

    /** A load of the word at {@code address}. */
    void load(long address) {
        long line = LineDirectory.lineOf(address);
        int at = find(line);
        if (at >= 0) {
            count(CacheEvent.HIT, at, line);
            return;
        }
        boolean others = directory.holders(line) != 0;
        countMiss(address, line);
        directory.share(line);
        insert(line, others ? SHARED : EXCLUSIVE);
    }

    /** A store to the word at {@code address}, when it becomes visible. */
    void store(long address) {
        long line = LineDirectory.lineOf(address);
        int at = find(line);
        if (at >= 0 && states[at] != SHARED) {
            states[at] = MODIFIED;
            count(CacheEvent.HIT, at, line);
            return;
        }
        if (at >= 0) {
            add(CacheEvent.UPGRADE);
            directory.bounced(address);
            directory.invalidate(line, id);
            states[at] = MODIFIED;
            touch(at, line);
            return;
        }
        countMiss(address, line);
        directory.invalidate(line, id);
        insert(line, MODIFIED);
    }

    private void countMiss(long address, long line) {
        if (directory.holders(line) == 0) {
            add(CacheEvent.MISS_MEMORY);
            return;
        }
        add(directory.isModified(line) ? CacheEvent.TRANSFER : CacheEvent.MISS_CLEAN);
        directory.bounced(address);
    }

    private void count(CacheEvent event, int at, long line) {
        add(event);
        touch(at, line);
    }

    private void add(CacheEvent event) {
        counts[event.ordinal()]++;
    }

    private static int set(long line) {
        return (int) line & SETS - 1;
    }

    /** Where {@code line} is held, or -1. */
    private int find(long line) {
        int first = set(line) * WAYS;
        for (int i = first; i < first + WAYS; i++) {
            if (lines[i] == line && states[i] != 0) {
                return i;
            }
        }
        return -1;
    }

    /** Moves the line at {@code at} to the front of its set. */
    private void touch(int at, long line) {
        int first = set(line) * WAYS;
        byte state = states[at];
        System.arraycopy(lines, first, lines, first + 1, at - first);
        System.arraycopy(states, first, states, first + 1, at - first);
        lines[first] = line;
        states[first] = state;
    }

    private void insert(long line, byte state) {
        int last = set(line) * WAYS + WAYS - 1;
        if (states[last] != 0) {
            add(CacheEvent.EVICTED);
            if (states[last] == MODIFIED) {
                add(CacheEvent.WRITTEN_BACK);
            }
            directory.gone(lines[last], id);
        }
        states[last] = state;
        touch(last, line);
        directory.held(line, id);
    }

    /** State of {@code line} in this cache, 0 if it is not held. */
    byte state(long line) {
        int at = find(line);
        return at < 0 ? 0 : states[at];
    }

    /** Another CPU reads {@code line}. */
    void toShared(long line) {
        int at = find(line);
        if (states[at] == MODIFIED) {
            add(CacheEvent.WRITTEN_BACK);
        }
        states[at] = SHARED;
    }

    /** Another CPU stores to {@code line}. */
    void drop(long line) {
        states[find(line)] = 0;
        add(CacheEvent.INVALIDATED);
    }

    /** Empties the cache; counts stay. */
    void clear() {
        Arrays.fill(states, (byte) 0);
    }
}
