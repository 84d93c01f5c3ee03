package kemu.hw.race;

import java.util.Arrays;
import kemu.hw.cache.Granule;

/**
 * What marked stores publish that are still in their CPU's buffer: nobody else has read them, so nobody is ordered
 * after them. One list for each CPU, oldest first.
 */
final class UnseenStores {
    private final int cpus;
    private final long[][] addresses;
    private final int[][] widths;
    private final int[][] clocks;
    private final int[] count;

    UnseenStores(int cpus) {
        this.cpus = cpus;
        addresses = new long[cpus][16];
        widths = new int[cpus][16];
        clocks = new int[cpus][16 * cpus];
        count = new int[cpus];
    }

    void clear() {
        Arrays.fill(count, 0);
    }

    /** {@code cpu} has made a store that publishes the clock at {@code at} of {@code from}. */
    void add(int cpu, long address, int width, int[] from, int at) {
        int n = 0;
        while (n < count[cpu] && addresses[cpu][n] != address) {
            n++;
        }
        if (n < count[cpu]) {
            join(clocks[cpu], n * cpus, from, at);
            return;
        }
        if (n == addresses[cpu].length) {
            addresses[cpu] = Arrays.copyOf(addresses[cpu], 2 * n);
            widths[cpu] = Arrays.copyOf(widths[cpu], 2 * n);
            clocks[cpu] = Arrays.copyOf(clocks[cpu], 2 * n * cpus);
        }
        addresses[cpu][n] = address;
        widths[cpu][n] = width;
        System.arraycopy(from, at, clocks[cpu], n * cpus, cpus);
        count[cpu] = n + 1;
    }

    private void join(int[] into, int at, int[] from, int fromAt) {
        for (int i = 0; i < cpus; i++) {
            into[at + i] = Math.max(into[at + i], from[fromAt + i]);
        }
    }

    /** The bytes of {@code mask} in {@code granule} have become visible: joins what they publish to what is carried. */
    void seen(int cpu, long granule, long mask, ShadowCells cells) {
        int left = 0;
        for (int n = 0; n < count[cpu]; n++) {
            long address = addresses[cpu][n];
            int width = widths[cpu][n];
            if (Granule.of(address) == granule && (Granule.mask(address, width) & mask) != 0) {
                join(cells.carried(address), cells.carriedAt(address), clocks[cpu], n * cpus);
            } else {
                addresses[cpu][left] = address;
                widths[cpu][left] = width;
                System.arraycopy(clocks[cpu], n * cpus, clocks[cpu], left * cpus, cpus);
                left++;
            }
        }
        count[cpu] = left;
    }
}
