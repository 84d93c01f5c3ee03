package kemu.hw.mem;

import java.util.Arrays;
import org.agrona.UnsafeApi;

/**
 * Remembers what cache lines held before they were first written, so that memory can be put back: the cost of going
 * back is that of what was done. Also says how what was written differs from what it was, as a hash.
 */
public final class UndoLog {
    private static final int LINE_SHIFT = 6;
    private static final int WORDS = 8;
    private static final int FIRST_LINES = 256;

    private final PhysMem memory;
    private final long[] noted;
    private long[] lines = new long[FIRST_LINES];
    private long[] saved = new long[FIRST_LINES * WORDS];
    private int count;

    /** An empty log: memory as it is now is what {@link #undo} brings back. */
    public UndoLog(PhysMem memory) {
        this.memory = memory;
        noted = new long[(int) ((memory.sizeBytes() >>> LINE_SHIFT + 6) + 1)];
    }

    /** Must be called before anything of the line at {@code address} is written. */
    void note(long address) {
        long line = address >>> LINE_SHIFT;
        int at = (int) (line >>> 6);
        if ((noted[at] & 1L << line) == 0) {
            noted[at] |= 1L << line;
            save(line);
        }
    }

    /** As {@link #note} for every line of a frame. */
    public void noteFrame(long frame) {
        for (int at = 0; at < PhysMem.PAGE_SIZE; at += 1 << LINE_SHIFT) {
            note(frame + at);
        }
    }

    private void save(long line) {
        if (count == lines.length) {
            lines = Arrays.copyOf(lines, 2 * count);
            saved = Arrays.copyOf(saved, 2 * count * WORDS);
        }
        lines[count] = line;
        long host = hostOf(line);
        for (int i = 0; i < WORDS; i++) {
            saved[count * WORDS + i] = UnsafeApi.getLong(null, host + 8L * i);
        }
        count++;
    }

    private long hostOf(long line) {
        return memory.host(line << LINE_SHIFT, 8);
    }

    /** Lines written since the log was empty. */
    public int size() {
        return count;
    }

    /** Puts all lines back and empties the log. */
    public void undo() {
        for (int n = 0; n < count; n++) {
            long line = lines[n];
            long host = hostOf(line);
            for (int i = 0; i < WORDS; i++) {
                UnsafeApi.putLong(null, host + 8L * i, saved[n * WORDS + i]);
            }
            noted[(int) (line >>> 6)] = 0;
        }
        count = 0;
    }

    /** A hash of all words that differ from what they were, 0 if none does. Order of writing does not matter. */
    public long difference() {
        long sum = 0;
        for (int n = 0; n < count; n++) {
            long host = hostOf(lines[n]);
            for (int i = 0; i < WORDS; i++) {
                long now = UnsafeApi.getLong(null, host + 8L * i);
                long then = saved[n * WORDS + i];
                if (now != then) {
                    long key = lines[n] * WORDS + i;
                    sum += mix(mix(key) ^ now) - mix(mix(key) ^ then);
                }
            }
        }
        return sum;
    }

    private static long mix(long value) {
        long z = (value + 0x9e3779b97f4a7c15L) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 32) * 0x94d049bb133111ebL;
        return z ^ z >>> 29;
    }
}
