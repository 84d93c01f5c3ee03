package kemu.hw.cache;

import java.util.Arrays;

/**
 * Words that other CPUs have changed and of which this CPU may still see the old value: an invalidation that it has not
 * processed, or, what is the same to a reader, a load executed early. The oldest value of a word stays until it is
 * delivered, so a CPU never goes back in time on one word. After {@link #keepAll} all old values of a word are kept, in
 * the order in which it had them: once one is delivered the next takes its place.
 */
final class InvalidateQueue {
    private long[] granules;
    private long[] masks;
    private long[] values;
    private long[] arrivals;
    private int capacity;
    private int size;
    /** True if every old value of a word is kept, not only the oldest. */
    private boolean all;

    private long arrived;
    /** One bit per hash of a granule that may be queued. */
    private long filter;

    /** An arrival at a full queue of {@code entries} delivers the oldest first. */
    InvalidateQueue(int entries) {
        capacity = entries;
        granules = new long[entries];
        masks = new long[entries];
        values = new long[entries];
        arrivals = new long[entries];
    }

    int size() {
        return size;
    }

    /** From now on the queue keeps every old value of a word, up to {@code entries} in all; it is empty. */
    void keepAll(int entries) {
        capacity = entries;
        all = true;
    }

    /** Number of arrivals so far: a moment that an entry can be older or younger than. */
    long now() {
        return arrived;
    }

    boolean mayHold(long granule) {
        return (filter & Granule.bit(granule)) != 0;
    }

    /** Another CPU changes {@code mask} of {@code granule}, which held {@code old}. */
    void arrive(long granule, long mask, long old) {
        arrived++;
        if (mayHold(granule)) {
            for (int i = size - 1; i >= 0; i--) {
                if (granules[i] != granule || (masks[i] & mask) == 0) {
                    continue;
                }
                if (all) {
                    break;
                }
                if ((masks[i] & mask) == mask) {
                    return;
                }
                remove(i);
            }
        }
        if (size == capacity) {
            remove(0);
        }
        if (size == granules.length) {
            granules = Arrays.copyOf(granules, 2 * size);
            masks = Arrays.copyOf(masks, 2 * size);
            values = Arrays.copyOf(values, 2 * size);
            arrivals = Arrays.copyOf(arrivals, 2 * size);
        }
        granules[size] = granule;
        masks[size] = mask;
        values[size] = old & mask;
        arrivals[size] = arrived;
        size++;
        filter |= Granule.bit(granule);
    }

    /** Index of the oldest entry in the words {@code mask} of {@code granule}, or -1. */
    int find(long granule, long mask) {
        for (int i = 0; i < size; i++) {
            if (granules[i] == granule && (masks[i] & mask) != 0) {
                return i;
            }
        }
        return -1;
    }

    /** Number of the arrival of entry {@code i}. */
    long arrival(int i) {
        return arrivals[i];
    }

    /** True if entry {@code i} arrived before the moment {@code now}. */
    boolean arrivedBefore(int i, long now) {
        return arrivals[i] <= now;
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

    /** Delivers what is queued for the words {@code mask} of {@code granule}. */
    void deliver(long granule, long mask) {
        if (mayHold(granule)) {
            for (int i = size - 1; i >= 0; i--) {
                if (granules[i] == granule && (masks[i] & mask) != 0) {
                    remove(i, mask);
                }
            }
        }
    }

    /** Delivers what entry {@code i} has of the words {@code mask}: all of it, unless every old value is kept. */
    void remove(int i, long mask) {
        if (all && (masks[i] & ~mask) != 0) {
            masks[i] &= ~mask;
            values[i] &= ~mask;
        } else {
            remove(i);
        }
    }

    /** Delivers entry {@code i}. */
    void remove(int i) {
        int moved = size - i - 1;
        System.arraycopy(granules, i + 1, granules, i, moved);
        System.arraycopy(masks, i + 1, masks, i, moved);
        System.arraycopy(values, i + 1, values, i, moved);
        System.arraycopy(arrivals, i + 1, arrivals, i, moved);
        size--;
        if (size == 0) {
            filter = 0;
        }
    }

    /** Delivers everything: from here on loads see memory as it is now or later. */
    void clear() {
        size = 0;
        filter = 0;
    }

    /** As {@link #clear}, and forgets the moments, so that executions from one state repeat. */
    void reset() {
        clear();
        arrived = 0;
    }

    /** Mixes the contents into {@code hash}. */
    long hash(long hash) {
        long mixed = hash;
        for (int i = 0; i < size; i++) {
            mixed = Granule.mix(Granule.mix(mixed, granules[i] ^ masks[i]), values[i] + (arrived - arrivals[i]));
        }
        return mixed;
    }
}
