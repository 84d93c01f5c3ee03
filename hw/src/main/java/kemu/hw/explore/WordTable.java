package kemu.hw.explore;

import java.util.Arrays;

/** Which words an execution has accessed, numbered in order; emptied in constant time between executions. */
final class WordTable {
    private static final int FIRST_SIZE = 1 << 10;

    private long[] keys = new long[FIRST_SIZE];
    private int[] ids = new int[FIRST_SIZE];
    private int[] epochs = new int[FIRST_SIZE];
    private int epoch = 1;
    private int count;

    void clear() {
        epoch++;
        count = 0;
    }

    /** The number of the word at {@code address}, a new one if it has none yet. */
    int id(long address) {
        int mask = keys.length - 1;
        int at = slot(address, mask);
        while (epochs[at] == epoch) {
            if (keys[at] == address) {
                return ids[at];
            }
            at = at + 1 & mask;
        }
        if (2 * count >= keys.length) {
            grow();
            return id(address);
        }
        keys[at] = address;
        ids[at] = count;
        epochs[at] = epoch;
        return count++;
    }

    /** Words numbered so far. */
    int count() {
        return count;
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldIds = ids;
        int[] oldEpochs = epochs;
        int size = 2 * oldKeys.length;
        keys = new long[size];
        ids = new int[size];
        epochs = new int[size];
        Arrays.fill(epochs, 0);
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldEpochs[i] == epoch) {
                int at = slot(oldKeys[i], size - 1);
                while (epochs[at] == epoch) {
                    at = at + 1 & size - 1;
                }
                keys[at] = oldKeys[i];
                ids[at] = oldIds[i];
                epochs[at] = epoch;
            }
        }
    }

    private static int slot(long address, int mask) {
        return (int) ((address >>> 2) * 0x9e3779b97f4a7c15L >>> 40) & mask;
    }
}
