package kemu.hw.cache;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which CPU holds which line, and which words make lines move. One bit per CPU and line; space is taken for frames that
 * are used.
 */
public final class LineDirectory {
    private static final int LINE_SHIFT = 6;
    private static final int FRAME_SHIFT = 12;
    private static final int LINES_PER_FRAME = 1 << FRAME_SHIFT - LINE_SHIFT;
    private static final int WORDS_PER_FRAME = 1 << FRAME_SHIFT - 3;

    /**
     * A word and how often an access to it had to fetch or claim its line from another CPU.
     *
     * @param address its first byte, a multiple of 8
     * @param bounces how often
     */
    public record HotWord(long address, int bounces) {}

    private final CpuCache[] caches;
    private final long[][] holders;
    private final int[][] bounces;

    /** Empty caches of {@code cpus} CPUs over {@code memoryBytes}. */
    public LineDirectory(int cpus, long memoryBytes) {
        caches = new CpuCache[cpus];
        for (int i = 0; i < cpus; i++) {
            caches[i] = new CpuCache(i, this);
        }
        int frames = (int) (memoryBytes >>> FRAME_SHIFT);
        holders = new long[frames][];
        bounces = new int[frames][];
    }

    /** The cache of CPU {@code id}. */
    public CpuCache cache(int id) {
        return caches[id];
    }

    /** The words with the most bounces, most first, at most {@code limit}. */
    public List<HotWord> hottest(int limit) {
        List<HotWord> words = new ArrayList<>();
        for (int frame = 0; frame < bounces.length; frame++) {
            for (int i = 0; bounces[frame] != null && i < WORDS_PER_FRAME; i++) {
                if (bounces[frame][i] != 0) {
                    words.add(new HotWord(((long) frame << FRAME_SHIFT) + 8L * i, bounces[frame][i]));
                }
            }
        }
        words.sort(Comparator.comparingInt(HotWord::bounces).reversed().thenComparingLong(HotWord::address));
        return List.copyOf(words.subList(0, Math.min(limit, words.size())));
    }

    static long lineOf(long address) {
        return address >>> LINE_SHIFT;
    }

    /** One bit for each CPU that holds {@code line}. */
    long holders(long line) {
        long[] frame = holders[(int) (line / LINES_PER_FRAME)];
        return frame == null ? 0 : frame[(int) line & LINES_PER_FRAME - 1];
    }

    private void set(long line, long cpus) {
        int at = (int) (line / LINES_PER_FRAME);
        if (holders[at] == null) {
            holders[at] = new long[LINES_PER_FRAME];
        }
        holders[at][(int) line & LINES_PER_FRAME - 1] = cpus;
    }

    void held(long line, int cpu) {
        set(line, holders(line) | 1L << cpu);
    }

    void gone(long line, int cpu) {
        set(line, holders(line) & ~(1L << cpu));
    }

    /** True if a CPU has changed {@code line} and memory has not been told: then it is the only holder. */
    boolean isModified(long line) {
        long cpus = holders(line);
        return Long.bitCount(cpus) == 1 && caches[Long.numberOfTrailingZeros(cpus)].state(line) == CpuCache.MODIFIED;
    }

    /** All holders of {@code line} keep it as readers. */
    void share(long line) {
        for (long left = holders(line); left != 0; left &= left - 1) {
            caches[Long.numberOfTrailingZeros(left)].toShared(line);
        }
    }

    /** All holders of {@code line} but {@code writer} lose it. */
    void invalidate(long line, int writer) {
        for (long left = holders(line) & ~(1L << writer); left != 0; left &= left - 1) {
            caches[Long.numberOfTrailingZeros(left)].drop(line);
        }
        set(line, holders(line) & 1L << writer);
    }

    /** An access to {@code address} had to do with another CPU. */
    void bounced(long address) {
        int at = (int) (address >>> FRAME_SHIFT);
        if (bounces[at] == null) {
            bounces[at] = new int[WORDS_PER_FRAME];
        }
        bounces[at][(int) (address >>> 3) & WORDS_PER_FRAME - 1]++;
    }

    /** Empties all caches; counts stay. Call it when memory is restored. */
    public void clear() {
        for (CpuCache cache : caches) {
            cache.clear();
        }
        for (int i = 0; i < holders.length; i++) {
            holders[i] = null;
        }
    }
}
