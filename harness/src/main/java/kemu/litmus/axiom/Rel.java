package kemu.litmus.axiom;

/** A relation over the events of a candidate, as a bit matrix; rows are sets, sets are rows. Results are new. */
final class Rel {
    private final int size;
    private final int words;
    private final long[] bits;

    Rel(int size) {
        this(size, new long[size * words(size)]);
    }

    private Rel(int size, long[] bits) {
        this.size = size;
        this.words = words(size);
        this.bits = bits;
    }

    /** Longs in a set over {@code size} events. */
    static int words(int size) {
        return (size + 63) >> 6;
    }

    static void put(long[] set, int event) {
        set[event >> 6] |= 1L << event;
    }

    static boolean in(long[] set, int event) {
        return (set[event >> 6] & (1L << event)) != 0;
    }

    /** All pairs that it does not have. */
    Rel complement() {
        Rel out = new Rel(size);
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                if (!has(i, j)) {
                    out.add(i, j);
                }
            }
        }
        return out;
    }

    /** Number of events. */
    int size() {
        return size;
    }

    void add(int from, int to) {
        bits[from * words + (to >> 6)] |= 1L << to;
    }

    boolean has(int from, int to) {
        return (bits[from * words + (to >> 6)] & (1L << to)) != 0;
    }

    boolean isEmpty() {
        for (long word : bits) {
            if (word != 0) {
                return false;
            }
        }
        return true;
    }

    Rel or(Rel other) {
        long[] out = bits.clone();
        for (int i = 0; i < out.length; i++) {
            out[i] |= other.bits[i];
        }
        return new Rel(size, out);
    }

    Rel and(Rel other) {
        long[] out = bits.clone();
        for (int i = 0; i < out.length; i++) {
            out[i] &= other.bits[i];
        }
        return new Rel(size, out);
    }

    Rel minus(Rel other) {
        long[] out = bits.clone();
        for (int i = 0; i < out.length; i++) {
            out[i] &= ~other.bits[i];
        }
        return new Rel(size, out);
    }

    /** Those pairs that begin in {@code set}. */
    Rel from(long[] set) {
        long[] out = new long[bits.length];
        for (int i = 0; i < size; i++) {
            if (in(set, i)) {
                System.arraycopy(bits, i * words, out, i * words, words);
            }
        }
        return new Rel(size, out);
    }

    /** Those pairs that end in {@code set}. */
    Rel to(long[] set) {
        long[] out = new long[bits.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = bits[i] & set[i % words];
        }
        return new Rel(size, out);
    }

    Rel within(long[] set) {
        return from(set).to(set);
    }

    /** The pairs of {@code this} followed by {@code next}. */
    Rel then(Rel next) {
        long[] out = new long[bits.length];
        for (int i = 0; i < size; i++) {
            for (int w = 0; w < words; w++) {
                long row = bits[i * words + w];
                while (row != 0) {
                    int via = (w << 6) + Long.numberOfTrailingZeros(row);
                    row &= row - 1;
                    for (int k = 0; k < words; k++) {
                        out[i * words + k] |= next.bits[via * words + k];
                    }
                }
            }
        }
        return new Rel(size, out);
    }

    Rel inverse() {
        Rel out = new Rel(size);
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                if (has(i, j)) {
                    out.add(j, i);
                }
            }
        }
        return out;
    }

    /** One or more steps. */
    Rel plus() {
        long[] out = bits.clone();
        for (int via = 0; via < size; via++) {
            int word = via >> 6;
            long bit = 1L << via;
            for (int i = 0; i < size; i++) {
                if ((out[i * words + word] & bit) != 0) {
                    for (int k = 0; k < words; k++) {
                        out[i * words + k] |= out[via * words + k];
                    }
                }
            }
        }
        return new Rel(size, out);
    }

    /** Of a closed relation: with one pair more, closed again. */
    Rel with(int from, int to) {
        if (has(from, to)) {
            return this;
        }
        long[] out = bits.clone();
        for (int i = 0; i < size; i++) {
            if (i == from || has(i, from)) {
                out[i * words + (to >> 6)] |= 1L << to;
                for (int k = 0; k < words; k++) {
                    out[i * words + k] |= bits[to * words + k];
                }
            }
        }
        return new Rel(size, out);
    }

    /** With every event related to itself. */
    Rel optional() {
        Rel out = new Rel(size, bits.clone());
        for (int i = 0; i < size; i++) {
            out.add(i, i);
        }
        return out;
    }

    /** Any number of steps. */
    Rel star() {
        return plus().optional();
    }

    boolean isIrreflexive() {
        for (int i = 0; i < size; i++) {
            if (has(i, i)) {
                return false;
            }
        }
        return true;
    }

    boolean isAcyclic() {
        return plus().isIrreflexive();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Rel r && java.util.Arrays.equals(bits, r.bits);
    }

    @Override
    public int hashCode() {
        return java.util.Arrays.hashCode(bits);
    }
}
