package kemu.hw.explore;

/** Counts different hashes, up to a limit: an open table that is no longer filled when it is full. */
final class HashCount {
    private static final int FIRST_SIZE = 1 << 10;
    private static final int MOST = 1 << 21;

    private long[] table = new long[FIRST_SIZE];
    private int count;

    void add(long hash) {
        long key = hash == 0 ? 1 : hash;
        if (count >= MOST) {
            return;
        }
        if (insert(table, key)) {
            count++;
            if (2 * count >= table.length) {
                grow();
            }
        }
    }

    int count() {
        return count;
    }

    private static boolean insert(long[] into, long key) {
        int mask = into.length - 1;
        int at = (int) (key ^ key >>> 32) & mask;
        while (into[at] != 0) {
            if (into[at] == key) {
                return false;
            }
            at = at + 1 & mask;
        }
        into[at] = key;
        return true;
    }

    private void grow() {
        long[] bigger = new long[2 * table.length];
        for (long key : table) {
            if (key != 0) {
                insert(bigger, key);
            }
        }
        table = bigger;
    }
}
