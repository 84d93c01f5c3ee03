package kemu.hw.explore;

import java.util.Arrays;
import kemu.hw.cpu.Pending;

/**
 * The happens-before relation of an execution as it grows: program order of every lane, and the order of dependent
 * accesses to one word. Each event has a vector clock: for every lane, the number of its last event that happens
 * before, or -1.
 *
 * <p>A drain also happens after the store that it makes visible. It is not ordered with loads of its own CPU
 * ({@link Lanes#forwards}).
 */
final class HappensBefore {
    static final int NONE = -1;
    private static final int FIRST_EVENTS = 512;

    private final int lanes;
    private final Lanes kinds;
    private final WordTable words = new WordTable();
    private int events;
    private int[] laneOf = new int[FIRST_EVENTS];
    private int[] kindOf = new int[FIRST_EVENTS];
    private long[] addressOf = new long[FIRST_EVENTS];
    /** For a write, the write before it to the same word. */
    private int[] previousWrite = new int[FIRST_EVENTS];

    private int[] clocks;
    private final int[] lastOf;
    private int[] lastWrite = new int[FIRST_EVENTS];
    /** Per word and lane, the last read since the last write. */
    private int[] lastRead;

    HappensBefore(Lanes kinds) {
        this.kinds = kinds;
        lanes = kinds.count();
        clocks = new int[FIRST_EVENTS * lanes];
        lastRead = new int[FIRST_EVENTS * lanes];
        lastOf = new int[lanes];
        clear();
    }

    void clear() {
        words.clear();
        events = 0;
        Arrays.fill(lastOf, NONE);
    }

    int events() {
        return events;
    }

    int lane(int event) {
        return laneOf[event];
    }

    int kind(int event) {
        return kindOf[event];
    }

    long address(int event) {
        return addressOf[event];
    }

    /** The last event of {@code lane} so far, or NONE. */
    int lastOf(int lane) {
        return lastOf[lane];
    }

    /** True if {@code early} happens before {@code late}, or is it. */
    boolean before(int early, int late) {
        return late != NONE && clocks[late * lanes + laneOf[early]] >= early;
    }

    int clock(int event, int lane) {
        return clocks[event * lanes + lane];
    }

    /** The number of the word of an access; fences have none. */
    private int word(int kind, long address) {
        if (kind == Pending.FENCE || kind == Pending.RELAX || kind == Pending.NONE || kind == Pending.SWITCH) {
            return NONE;
        }
        int known = words.count();
        int word = words.id(address);
        if (word == known) {
            if (word == lastWrite.length) {
                lastWrite = Arrays.copyOf(lastWrite, 2 * word);
                lastRead = Arrays.copyOf(lastRead, 2 * word * lanes);
            }
            lastWrite[word] = NONE;
            Arrays.fill(lastRead, word * lanes, (word + 1) * lanes, NONE);
        }
        return word;
    }

    /**
     * Collects the events that an access of {@code lane} would race with: those it depends on that do not happen before
     * the lane's last event. A waiting load also races with older writes, since what it saw then may have let it go on.
     *
     * @param cause another event it comes after, or NONE
     * @return how many, in {@code races}, youngest first
     */
    int racesOf(int lane, int kind, long address, int cause, int[] races) {
        int word = word(kind, address);
        if (word == NONE) {
            return 0;
        }
        int count = 0;
        int own = lastOf[lane];
        if (Lanes.writes(kind)) {
            for (int other = 0; other < lanes; other++) {
                int read = lastRead[word * lanes + other];
                boolean free = other == lane || read == NONE || kinds.forwards(lane, other, kindOf[read]);
                if (!free && !before(read, own) && !before(read, cause)) {
                    races[count++] = read;
                }
            }
        }
        for (int write = lastWrite[word]; write != NONE; write = previousWrite[write]) {
            if (kinds.forwards(laneOf[write], lane, kind)) {
                continue;
            }
            boolean known = laneOf[write] == lane || before(write, own) || before(write, cause);
            if (!known && count < races.length) {
                races[count++] = write;
            }
            if (kind != Pending.WAIT) {
                break;
            }
        }
        return count;
    }

    /** Adds the next event of the execution, which comes after {@code cause} unless NONE; returns its number. */
    int add(int lane, int kind, long address, int cause) {
        int event = events++;
        if (event == laneOf.length) {
            grow();
        }
        laneOf[event] = lane;
        kindOf[event] = kind;
        addressOf[event] = address;
        previousWrite[event] = NONE;
        int base = event * lanes;
        if (lastOf[lane] == NONE) {
            Arrays.fill(clocks, base, base + lanes, NONE);
        } else {
            System.arraycopy(clocks, lastOf[lane] * lanes, clocks, base, lanes);
        }
        orderAfter(event, cause);
        int word = word(kind, address);
        if (word != NONE) {
            orderAfter(event, writeBefore(word, lane, kind));
            if (Lanes.writes(kind)) {
                for (int other = 0; other < lanes; other++) {
                    int read = lastRead[word * lanes + other];
                    if (read != NONE && !kinds.forwards(lane, other, kindOf[read])) {
                        orderAfter(event, read);
                        lastRead[word * lanes + other] = NONE;
                    }
                }
                previousWrite[event] = lastWrite[word];
                lastWrite[word] = event;
            } else {
                lastRead[word * lanes + lane] = event;
            }
        }
        clocks[base + lane] = event;
        lastOf[lane] = event;
        return event;
    }

    /** The last write to {@code word} whose order with an access of {@code lane} matters, or NONE. */
    private int writeBefore(int word, int lane, int kind) {
        int write = lastWrite[word];
        while (write != NONE && kinds.forwards(laneOf[write], lane, kind)) {
            write = previousWrite[write];
        }
        return write;
    }

    private void orderAfter(int late, int early) {
        if (early == NONE) {
            return;
        }
        for (int lane = 0; lane < lanes; lane++) {
            clocks[late * lanes + lane] = Math.max(clocks[late * lanes + lane], clocks[early * lanes + lane]);
        }
    }

    private void grow() {
        int size = 2 * laneOf.length;
        laneOf = Arrays.copyOf(laneOf, size);
        kindOf = Arrays.copyOf(kindOf, size);
        addressOf = Arrays.copyOf(addressOf, size);
        previousWrite = Arrays.copyOf(previousWrite, size);
        clocks = Arrays.copyOf(clocks, size * lanes);
    }
}
