package kemu.hw.cache;

import java.util.Arrays;

/**
 * Stores of one CPU that the others do not see yet, oldest first. An entry covers 32 or 64 bits of an aligned 64-bit
 * granule; its mask says which. Loads of the same CPU see the entries ({@link #overlay}).
 *
 * <p>Which entries may drain: in order, only the oldest. Unordered, every entry that has no older one in its words,
 * none from before an smp_wmb (an earlier epoch), no release from before the last acquire that it follows, and, if it
 * is a release, no older one at all.
 */
final class StoreBuffer {
    private final boolean reorders;
    /** True if a store may be merged into an older one of its word. */
    private boolean coalesces;

    private long[] granules;
    private long[] masks;
    private long[] values;
    private int[] epochs;
    /** Per entry, the number of the last release before the last acquire before it: an older entry than this one. */
    private long[] guards;

    private boolean[] releases;
    private long[] numbers;
    /** Stores that may wait. */
    private int capacity;

    private int size;
    private int epoch;
    private long guard;
    private long lastRelease;
    /** Stores taken since the machine was built. */
    private long taken;
    /** One bit per hash of a granule that may be buffered: most loads need no search. */
    private long filter;

    /** A store into a full buffer drains the oldest first. */
    StoreBuffer(MemoryModel model) {
        reorders = model.reordersStores();
        coalesces = model.coalesces();
        int entries = model.storeEntries();
        granules = new long[entries];
        masks = new long[entries];
        values = new long[entries];
        epochs = new int[entries];
        guards = new long[entries];
        releases = new boolean[entries];
        numbers = new long[entries];
        capacity = entries;
    }

    int size() {
        return size;
    }

    boolean isFull() {
        return size == capacity;
    }

    /** True if {@code granule} may have an entry. */
    boolean mayHold(long granule) {
        return (filter & Granule.bit(granule)) != 0;
    }

    /** {@code word} as this CPU sees it: with all of its stores to the granule applied. */
    long overlay(long granule, long word) {
        long seen = word;
        for (int i = 0; i < size; i++) {
            if (granules[i] == granule) {
                seen = seen & ~masks[i] | values[i];
            }
        }
        return seen;
    }

    /** The bits of {@code granule} that have an entry. */
    long covered(long granule) {
        long covered = 0;
        for (int i = 0; i < size; i++) {
            if (granules[i] == granule) {
                covered |= masks[i];
            }
        }
        return covered;
    }

    /** Takes a store; the buffer must not be full. */
    void push(long granule, long mask, long value, boolean release) {
        taken++;
        if (coalesces && !release && coalesce(granule, mask, value)) {
            return;
        }
        if (size == granules.length) {
            grow();
        }
        granules[size] = granule;
        masks[size] = mask;
        values[size] = value;
        epochs[size] = epoch;
        guards[size] = guard;
        releases[size] = release;
        numbers[size] = taken;
        lastRelease = release ? taken : lastRelease;
        size++;
        filter |= Granule.bit(granule);
    }

    private void grow() {
        granules = Arrays.copyOf(granules, 2 * size);
        masks = Arrays.copyOf(masks, 2 * size);
        values = Arrays.copyOf(values, 2 * size);
        epochs = Arrays.copyOf(epochs, 2 * size);
        guards = Arrays.copyOf(guards, 2 * size);
        releases = Arrays.copyOf(releases, 2 * size);
        numbers = Arrays.copyOf(numbers, 2 * size);
    }

    /**
     * From now on stores to one word are not merged, so that each may be seen, and {@code entries} of them may wait.
     */
    void keepAll(int entries) {
        coalesces = false;
        capacity = entries;
    }

    /** Merges a store into the youngest entry of its words, if no barrier is between them. */
    private boolean coalesce(long granule, long mask, long value) {
        if (!mayHold(granule)) {
            return false;
        }
        for (int i = size - 1; i >= 0; i--) {
            if (granules[i] == granule && (masks[i] & mask) != 0) {
                boolean apart = epochs[i] != epoch || releases[i];
                if (apart || (masks[i] & mask) != mask) {
                    return false;
                }
                values[i] = values[i] & ~mask | value;
                numbers[i] = taken;
                return true;
            }
        }
        return false;
    }

    /** smp_wmb: what is buffered now drains before anything stored later. */
    void mark() {
        if (size > 0 && epochs[size - 1] == epoch) {
            epoch++;
        }
    }

    /** True if a release waits in the buffer. */
    boolean holdsRelease() {
        return holdsRelease(size, Long.MAX_VALUE);
    }

    /** An acquire: releases taken by now drain before anything stored later, as for unlock and then lock. */
    void guard() {
        guard = lastRelease;
    }

    /**
     * True if a release that has the number {@code guard} or less waits in the buffer, among the oldest {@code most}.
     */
    private boolean holdsRelease(int most, long upTo) {
        for (int i = 0; i < most; i++) {
            if (releases[i] && numbers[i] <= upTo) {
                return true;
            }
        }
        return false;
    }

    /** Number of entries that may drain next. */
    int drainable() {
        if (!reorders) {
            return Math.min(size, 1);
        }
        int count = 0;
        for (int i = 0; i < size; i++) {
            if (mayDrain(i)) {
                count++;
            }
        }
        return count;
    }

    /** Index of the {@code k}-th entry that may drain next. */
    int drainableIndex(int k) {
        int left = k;
        for (int i = 0; i < size; i++) {
            if (mayDrain(i) && left-- == 0) {
                return i;
            }
        }
        throw new IndexOutOfBoundsException("drain " + k);
    }

    private boolean mayDrain(int i) {
        if (i == 0) {
            return true;
        }
        if (!reorders || releases[i] || epochs[i] != epochs[0]) {
            return false;
        }
        for (int older = 0; older < i; older++) {
            if (granules[older] == granules[i] && (masks[older] & masks[i]) != 0) {
                return false;
            }
        }
        return !holdsRelease(i, guards[i]);
    }

    /**
     * Index of an entry that has to be visible before an atomic of this CPU changes {@code mask} of {@code granule}
     * with an order below full or release, or -1: entries in those words, those from before the last smp_wmb, and
     * releases from before the last acquire.
     */
    int blocking(long granule, long mask) {
        if (size > 0 && (epochs[0] != epoch || holdsRelease(size, guard))) {
            return 0;
        }
        for (int i = size - 1; i >= 0; i--) {
            if (granules[i] == granule && (masks[i] & mask) != 0) {
                // A release in these words needs all older entries out; draining from the oldest does both.
                return releases[i] ? 0 : oldestOf(granule, mask);
            }
        }
        return -1;
    }

    private int oldestOf(long granule, long mask) {
        for (int i = 0; i < size; i++) {
            if (granules[i] == granule && (masks[i] & mask) != 0 && mayDrain(i)) {
                return i;
            }
        }
        return 0;
    }

    long granule(int i) {
        return granules[i];
    }

    long mask(int i) {
        return masks[i];
    }

    long value(int i) {
        return values[i];
    }

    boolean release(int i) {
        return releases[i];
    }

    /** The number of the youngest store in entry {@code i}, see {@link #taken}. */
    long number(int i) {
        return numbers[i];
    }

    /** Stores taken so far: the number of the last one. */
    long taken() {
        return taken;
    }

    /** Forgets entry {@code i}, which has been made visible. */
    void remove(int i) {
        int moved = size - i - 1;
        System.arraycopy(granules, i + 1, granules, i, moved);
        System.arraycopy(masks, i + 1, masks, i, moved);
        System.arraycopy(values, i + 1, values, i, moved);
        System.arraycopy(epochs, i + 1, epochs, i, moved);
        System.arraycopy(guards, i + 1, guards, i, moved);
        System.arraycopy(releases, i + 1, releases, i, moved);
        System.arraycopy(numbers, i + 1, numbers, i, moved);
        size--;
        if (size == 0) {
            epoch = 0;
            filter = 0;
        }
    }

    /** Forgets everything: the stores never happen. */
    void clear() {
        size = 0;
        epoch = 0;
        filter = 0;
    }

    /** Mixes the contents into {@code hash}. */
    long hash(long hash) {
        long mixed = hash;
        for (int i = 0; i < size; i++) {
            int order = (epochs[i] - epochs[0]) << 1 | (releases[i] ? 1 : 0) | heldBack(i, guards[i]);
            mixed = Granule.mix(Granule.mix(Granule.mix(mixed, granules[i] ^ masks[i]), values[i]), order);
        }
        return Granule.mix(mixed, size == 0 ? 0 : epoch - epochs[0] | heldBack(size, guard));
    }

    /** A bit that no difference of epochs has, if a release among the oldest {@code most} comes first. */
    private int heldBack(int most, long guardOfStore) {
        return holdsRelease(most, guardOfStore) ? Integer.MIN_VALUE : 0;
    }
}
