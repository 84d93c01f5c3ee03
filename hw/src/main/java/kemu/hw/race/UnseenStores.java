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
    private final long[][] numbers;
    private final int[][] clocks;
    private final int[] count;

    UnseenStores(int cpus) {
        this.cpus = cpus;
        addresses = new long[cpus][16];
        widths = new int[cpus][16];
        numbers = new long[cpus][16];
        clocks = new int[cpus][16 * cpus];
        count = new int[cpus];
    }

    void clear() {
        Arrays.fill(count, 0);
    }

    /** {@code cpu} has made its {@code number}-th store, which publishes its clock of {@code from}. */
    void add(int cpu, long address, int width, long number, int[] from) {
        int n = count[cpu];
        if (n == addresses[cpu].length) {
            addresses[cpu] = Arrays.copyOf(addresses[cpu], 2 * n);
            widths[cpu] = Arrays.copyOf(widths[cpu], 2 * n);
            numbers[cpu] = Arrays.copyOf(numbers[cpu], 2 * n);
            clocks[cpu] = Arrays.copyOf(clocks[cpu], 2 * n * cpus);
        }
        addresses[cpu][n] = address;
        widths[cpu][n] = width;
        numbers[cpu][n] = number;
        System.arraycopy(from, cpu * cpus, clocks[cpu], n * cpus, cpus);
        count[cpu] = n + 1;
    }

    /**
     * The bytes of {@code mask} in {@code granule} have become visible as the stores of {@code cpu} up to
     * {@code number} left them: what is carried is what the last of these published.
     */
    void seen(int cpu, long granule, long mask, long number, ShadowCells cells) {
        int left = 0;
        for (int n = 0; n < count[cpu]; n++) {
            if (isOf(cpu, n, granule, mask) && numbers[cpu][n] <= number) {
                cells.publish(addresses[cpu][n], clocks[cpu], n * cpus);
            } else {
                if (left < n) {
                    move(cpu, n, left);
                }
                left++;
            }
        }
        count[cpu] = left;
    }

    private boolean isOf(int cpu, int n, long granule, long mask) {
        long address = addresses[cpu][n];
        return Granule.of(address) == granule && (Granule.mask(address, widths[cpu][n]) & mask) != 0;
    }

    private void move(int cpu, int from, int to) {
        addresses[cpu][to] = addresses[cpu][from];
        widths[cpu][to] = widths[cpu][from];
        numbers[cpu][to] = numbers[cpu][from];
        System.arraycopy(clocks[cpu], from * cpus, clocks[cpu], to * cpus, cpus);
    }
}
