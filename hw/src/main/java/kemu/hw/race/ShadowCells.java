package kemu.hw.race;

import java.util.Arrays;
import kemu.hw.mem.PhysMem;

/**
 * When each CPU last accessed each 32-bit granule of memory, and what marked accesses to it carry. Arrays per frame,
 * made when the frame is first accessed. A 64-bit access uses the first granule of its word, and the second only if
 * that has ever been accessed by itself.
 */
final class ShadowCells {
    /** Kinds of accesses: of each CPU a cell has one time for every kind. */
    static final int PLAIN_WRITE = 0;

    static final int MARKED_WRITE = 1;
    static final int PLAIN_READ = 2;
    static final int MARKED_READ = 3;
    static final int KINDS = 4;

    private static final int GRANULES = PhysMem.PAGE_SIZE / 4;
    private static final int[] NONE = new int[0];
    /** Clocks that each granule carries, see {@link #carriedAt}, and which of them is the last. */
    private static final int CLOCKS = 3;

    private static final int EVER = 2;

    private final int cpus;
    private final int[][] times;
    private final int[][] sites;
    private final int[][] carried;
    private final long[][] split;
    /** Latest time in any cell of a frame, per CPU: most frames are one CPU's for long. */
    private final int[] latest;

    /** Shadow of {@code frames} frames; with room for where accesses were made if {@code withSites}. */
    ShadowCells(int cpus, int frames, boolean withSites) {
        this.cpus = cpus;
        times = new int[frames][];
        sites = withSites ? new int[frames][] : null;
        carried = new int[frames][];
        split = new long[frames][];
        latest = new int[frames * cpus];
    }

    void clear() {
        Arrays.fill(times, null);
        Arrays.fill(carried, null);
        Arrays.fill(split, null);
        Arrays.fill(latest, 0);
    }

    /** Times of the frame of {@code address}; index with {@link #cell}. */
    int[] times(long address) {
        int frame = (int) (address >>> PhysMem.PAGE_SHIFT);
        int[] of = times[frame];
        return of != null ? of : make(frame);
    }

    private int[] make(int frame) {
        times[frame] = new int[GRANULES * KINDS * cpus];
        split[frame] = new long[GRANULES / 2 / Long.SIZE];
        if (sites != null) {
            sites[frame] = new int[GRANULES * KINDS * cpus];
        }
        return times[frame];
    }

    /** Where the accesses of {@link #times} were made, at the same index; empty if not kept. */
    int[] sites(long address) {
        return sites == null ? NONE : sites[(int) (address >>> PhysMem.PAGE_SHIFT)];
    }

    /** {@code cpu} has put {@code time} into a cell of the frame of {@code address}. */
    void touched(long address, int cpu, int time) {
        latest[(int) (address >>> PhysMem.PAGE_SHIFT) * cpus + cpu] = time;
    }

    /** When {@code cpu} last accessed anything in the frame of {@code address}; 0 for never. */
    int latest(long address, int cpu) {
        return latest[(int) (address >>> PhysMem.PAGE_SHIFT) * cpus + cpu];
    }

    /** Index of the cell of {@code address} in {@link #times}: CPUs times {@link #KINDS} follow. */
    int cell(long address) {
        return ((int) address & PhysMem.PAGE_SIZE - 1) / 4 * KINDS * cpus;
    }

    /** What marked accesses of the frame of {@code address} carry; index with {@link #carriedAt}. */
    int[] carried(long address) {
        int frame = (int) (address >>> PhysMem.PAGE_SHIFT);
        int[] of = carried[frame];
        if (of == null) {
            of = new int[GRANULES * CLOCKS * cpus];
            carried[frame] = of;
        }
        return of;
    }

    /**
     * Index of what the last store to {@code address} published, with all that atomics since then have added. What its
     * loads came after follows, then what all stores ever published.
     */
    int carriedAt(long address) {
        return ((int) address & PhysMem.PAGE_SIZE - 1) / 4 * CLOCKS * cpus;
    }

    /** A store to {@code address} can be seen that publishes the clock at {@code at} of {@code clock}. */
    void publish(long address, int[] clock, int at) {
        System.arraycopy(clock, at, carried(address), carriedAt(address), cpus);
        keep(address);
    }

    /** What an atomic of {@code address} has added is part of what all stores ever published. */
    void keep(long address) {
        int[] of = carried(address);
        int last = carriedAt(address);
        int ever = last + EVER * cpus;
        for (int i = 0; i < cpus; i++) {
            of[ever + i] = Math.max(of[ever + i], of[last + i]);
        }
    }

    /** Index of what a load of {@code address} has seen: of the last store, or of any if its value was {@code old}. */
    int seenAt(long address, boolean old) {
        return carriedAt(address) + (old ? EVER * cpus : 0);
    }

    /** Notes that the second half of a word is accessed by itself. */
    void splits(long address) {
        if ((address & 4) != 0) {
            int word = ((int) address & PhysMem.PAGE_SIZE - 1) >>> 3;
            split[(int) (address >>> PhysMem.PAGE_SHIFT)][word >>> 6] |= 1L << word;
        }
    }

    /** True if the second half of the word at {@code address} has been accessed by itself. */
    boolean isSplit(long address) {
        int word = ((int) address & PhysMem.PAGE_SIZE - 1) >>> 3;
        return (split[(int) (address >>> PhysMem.PAGE_SHIFT)][word >>> 6] & 1L << word) != 0;
    }

    /** Addresses of a frame have been written all at once: as one plain write of {@code cpu} at {@code time}. */
    void wholeFrame(long frame, int cpu, int time, int site) {
        int[] of = times(frame);
        Arrays.fill(of, 0);
        for (int i = cpu * KINDS + PLAIN_WRITE; i < of.length; i += KINDS * cpus) {
            of[i] = time;
        }
        for (int other = 0; other < cpus; other++) {
            touched(frame, other, other == cpu ? time : 0);
        }
        if (sites != null) {
            Arrays.fill(sites(frame), site);
        }
    }
}
