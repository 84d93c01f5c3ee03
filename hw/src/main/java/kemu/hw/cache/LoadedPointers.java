package kemu.hw.cache;

/**
 * What this CPU loaded lately that may be an address, and when. A load through such an address is ordered after the
 * load of the address. Java hides the data flow, so the dependency is recognised by value: the word lies in the object
 * that the loaded value points at.
 */
final class LoadedPointers {
    private static final int SLOTS = 32;
    private static final long TAG_BITS = 3;
    /** A pointer may lead to a member of an object (a list head, a tree node) whose start is before it. */
    private static final long BEFORE = 512;

    private static final long AFTER = 4096;

    private final long[] values = new long[SLOTS];
    private final long[] moments = new long[SLOTS];
    private final int[] turns = new int[SLOTS];
    private int next;

    /** A load returned {@code value} at {@code moment}, in step {@code turn} of this CPU. */
    void note(long value, long moment, int turn) {
        values[next] = value & ~TAG_BITS;
        moments[next] = moment;
        turns[next] = turn;
        next = next + 1 & SLOTS - 1;
    }

    /** The last moment at which an address was loaded that {@code address} may be derived from; -1 if none. */
    long lastSourceOf(long address) {
        long last = -1;
        for (int i = 0; i < SLOTS; i++) {
            if (near(address, values[i]) && moments[i] > last) {
                last = moments[i];
            }
        }
        return last;
    }

    /** The last step in which an address was loaded that {@code address} may be derived from; -1 if none. */
    int lastTurnOf(long address) {
        int last = -1;
        for (int i = 0; i < SLOTS; i++) {
            if (near(address, values[i]) && turns[i] > last) {
                last = turns[i];
            }
        }
        return last;
    }

    private static boolean near(long address, long value) {
        return value >= AFTER && address >= value - BEFORE && address - value < AFTER;
    }

    /** Mixes the contents, with moments relative to {@code now}, into {@code hash}. */
    long hash(long hash, long now) {
        long mixed = hash;
        for (int i = 0; i < SLOTS; i++) {
            if (values[i] >= AFTER) {
                mixed = Granule.mix(Granule.mix(mixed, values[i]), now - moments[i]);
            }
        }
        return mixed;
    }

    /** Forgets everything. */
    void reset() {
        java.util.Arrays.fill(values, 0);
        next = 0;
    }
}
