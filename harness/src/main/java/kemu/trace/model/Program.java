package kemu.trace.model;

import java.util.Arrays;

/**
 * What one process does, in program order, as flat arrays: stepping through it allocates nothing. The last op is always
 * {@link Op#EXIT}.
 */
public final class Program implements Steps {
    private final byte[] ops;
    private final int[] gaps;
    private final int[] at;
    private final long[] args;

    Program(byte[] ops, int[] gaps, int[] at, long[] args) {
        this.ops = ops;
        this.gaps = gaps;
        this.at = at;
        this.args = args;
    }

    /** Number of ops. */
    @Override
    public int size() {
        return ops.length;
    }

    /** Kind of op {@code i}, one of {@link Op}. */
    @Override
    public byte op(int i) {
        return ops[i];
    }

    /**
     * Microseconds between the end of the previous recorded call and the start of this one; 0 for ops that were not
     * recorded.
     */
    public int gapMicros(int i) {
        return gaps[i];
    }

    @Override
    public long arg(int i, int k) {
        return args[at[i] + k];
    }

    /** First argument. Which arguments an op has: {@link Op}. */
    public long a(int i) {
        return args[at[i]];
    }

    /** Second argument. */
    public long b(int i) {
        return args[at[i] + 1];
    }

    /** Third argument. */
    public long c(int i) {
        return args[at[i] + 2];
    }

    /** Fourth argument. */
    public long d(int i) {
        return args[at[i] + 3];
    }

    /** Fifth argument. */
    public long e(int i) {
        return args[at[i] + 4];
    }

    /** Sixth argument. */
    public long f(int i) {
        return args[at[i] + 5];
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Program p
                && Arrays.equals(ops, p.ops)
                && Arrays.equals(gaps, p.gaps)
                && Arrays.equals(at, p.at)
                && Arrays.equals(args, p.args);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ops) * 31 + Arrays.hashCode(args);
    }

    /** Op {@code i} as a person reads it. */
    public String describe(int i) {
        StringBuilder s = new StringBuilder(Op.name(op(i)));
        for (int k = 0; k < Op.args(op(i)); k++) {
            s.append(k == 0 ? ' ' : ',').append("0x").append(Long.toHexString(args[at[i] + k]));
        }
        return s.toString();
    }
}
