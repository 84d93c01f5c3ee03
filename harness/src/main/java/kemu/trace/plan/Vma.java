package kemu.trace.plan;

import java.util.Arrays;
import kemu.trace.model.Op;

/** One mapping of the offline model, in pages. */
final class Vma {
    /** A mapping of more pages is not modelled page by page and not touched: 4 GiB. */
    private static final int LARGEST = 1 << 20;

    final int prot;
    final boolean shared;
    final int file;
    final long filePage;
    /** Never to be touched: vvar, vdso, or memory that threads rearrange. */
    final boolean offLimits;
    /** Touched from the top down. */
    final boolean stack;
    /** Private and writable now or before: a kernel accounts for it and never merges it with one that was not. */
    final boolean accounted;
    /** When it was mapped or last grew, to tell new memory from old. */
    final int born;

    long start;
    long end;
    private byte[] states;
    private final int[] counts = new int[PageState.COUNT];

    Vma(
            long start,
            long end,
            int prot,
            boolean shared,
            int file,
            long filePage,
            boolean offLimits,
            boolean stack,
            int born,
            boolean accounted) {
        this.start = start;
        this.end = end;
        this.prot = prot;
        this.shared = shared;
        this.file = file;
        this.filePage = filePage;
        this.offLimits = offLimits;
        this.stack = stack;
        this.born = born;
        this.accounted = accounted || !shared && (prot & Op.PROT_WRITE) != 0;
        counts[PageState.UNTOUCHED] = pages();
    }

    /** Pages, or the largest int if there are more. */
    int pages() {
        return (int) Math.min(end - start, Integer.MAX_VALUE);
    }

    /** Whether no page of it may be accessed. */
    boolean untouchable() {
        return offLimits || end - start > LARGEST;
    }

    /** Whether no page of it was ever accessed. */
    boolean pristine() {
        return states == null;
    }

    boolean readable() {
        return (prot & Op.PROT_READ) != 0;
    }

    boolean writable() {
        return (prot & Op.PROT_WRITE) != 0;
    }

    boolean accessible() {
        return prot != 0;
    }

    boolean privateWritable() {
        return !shared && writable();
    }

    int count(byte state) {
        return counts[state];
    }

    byte state(int i) {
        return states == null ? PageState.UNTOUCHED : states[i];
    }

    void setState(int i, byte state) {
        if (states == null) {
            if (state == PageState.UNTOUCHED) {
                return;
            }
            states = new byte[pages()];
        }
        counts[states[i]]--;
        counts[state]++;
        states[i] = state;
    }

    /** The part {@code [from, to)} with that protection, age and untouchability; states are kept. */
    Vma part(long from, long to, int newProt, boolean newOffLimits, int newBorn) {
        long page = file < 0 ? 0 : filePage + (from - start);
        Vma v = new Vma(from, to, newProt, shared, file, page, newOffLimits, stack, newBorn, accounted);
        if (states != null) {
            v.states = Arrays.copyOfRange(states, (int) (from - start), (int) (to - start));
            v.recount();
        }
        return v;
    }

    Vma part(long from, long to) {
        return part(from, to, prot, offLimits, born);
    }

    Vma copy() {
        return part(start, end);
    }

    /** The same mapping grown or shrunk at its end. */
    Vma resized(long newEnd, int newBorn) {
        boolean lost = states != null && newEnd - start > LARGEST;
        Vma v = new Vma(start, newEnd, prot, shared, file, filePage, offLimits || lost, stack, newBorn, accounted);
        if (states != null && !lost) {
            v.states = Arrays.copyOf(states, v.pages());
            v.recount();
        }
        return v;
    }

    private void recount() {
        Arrays.fill(counts, 0);
        for (byte s : states) {
            counts[s]++;
        }
    }

    /** Pages in any of the states of {@code mask} (bit n = state n). */
    int countAny(int mask) {
        int n = 0;
        for (int s = 0; s < PageState.COUNT; s++) {
            n += (mask >> s & 1) != 0 ? counts[s] : 0;
        }
        return n;
    }

    /** First page (last one in a stack) whose state is in {@code mask}, or -1. */
    int find(int mask) {
        int n = pages();
        for (int k = 0; k < n; k++) {
            int i = stack ? n - 1 - k : k;
            if ((mask >> state(i) & 1) != 0) {
                return i;
            }
        }
        return -1;
    }

    /** How many pages from {@code i} on (downwards in a stack), at most {@code limit}, have states in {@code mask}. */
    int run(int i, int limit, int mask) {
        int n = 0;
        int step = stack ? -1 : 1;
        while (n < limit && i >= 0 && i < pages() && (mask >> state(i) & 1) != 0) {
            n++;
            i += step;
        }
        return n;
    }
}
