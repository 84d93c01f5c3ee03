package kemu.trace.model;

import java.util.Arrays;

/** Collects the ops of one {@link Program}. */
public final class ProgramBuilder implements Steps {
    private byte[] ops = new byte[32];
    private int[] gaps = new int[32];
    private int[] at = new int[32];
    private long[] args = new long[64];
    private int count;
    private int used;

    /** Ops so far. */
    @Override
    public int size() {
        return count;
    }

    /** Kind of op {@code i}. */
    @Override
    public byte op(int i) {
        return ops[i];
    }

    /** Gap of op {@code i}. */
    public int gapMicros(int i) {
        return gaps[i];
    }

    /** Argument {@code k} (0 = a) of op {@code i}. */
    @Override
    public long arg(int i, int k) {
        return args[at[i] + k];
    }

    /** Replaces argument {@code k} of op {@code i}. */
    public void setArg(int i, int k, long value) {
        args[at[i] + k] = value;
    }

    /** Adds an op with one argument. */
    public void add(byte op, int gapMicros, long a) {
        start(op, gapMicros);
        push(a);
    }

    /** Adds an op with two arguments. */
    public void add(byte op, int gapMicros, long a, long b) {
        start(op, gapMicros);
        push(a);
        push(b);
    }

    /** Adds an op with three arguments. */
    public void add(byte op, int gapMicros, long a, long b, long c) {
        add(op, gapMicros, a, b);
        push(c);
    }

    /** Adds an op with four arguments. */
    public void add(byte op, int gapMicros, long a, long b, long c, long d) {
        add(op, gapMicros, a, b, c);
        push(d);
    }

    /** Adds an op with six arguments. */
    public void add(byte op, int gapMicros, long a, long b, long c, long d, long e, long f) {
        add(op, gapMicros, a, b, c, d);
        push(e);
        push(f);
    }

    /** Adds an op with as many of {@code values} as it takes. */
    public void add(byte op, int gapMicros, long[] values) {
        start(op, gapMicros);
        for (int k = 0; k < Op.args(op); k++) {
            push(values[k]);
        }
    }

    /** Copies op {@code i} of {@code from}. */
    public void copy(ProgramBuilder from, int i) {
        start(from.ops[i], from.gaps[i]);
        for (int k = 0; k < Op.args(from.ops[i]); k++) {
            push(from.arg(i, k));
        }
    }

    /** Inserts a one-argument op before op {@code i}; for the rare case that something is learnt late. */
    public void insert(int i, byte op, long a) {
        ProgramBuilder tail = new ProgramBuilder();
        for (int k = i; k < count; k++) {
            tail.copy(this, k);
        }
        truncate(i);
        add(op, 0, a);
        for (int k = 0; k < tail.count; k++) {
            copy(tail, k);
        }
    }

    /** Drops op {@code size} and what follows. */
    public void truncate(int size) {
        if (size < count) {
            used = at[size];
            count = size;
        }
    }

    /** The finished program; the builder may be thrown away. */
    public Program build() {
        return new Program(
                Arrays.copyOf(ops, count),
                Arrays.copyOf(gaps, count),
                Arrays.copyOf(at, count),
                Arrays.copyOf(args, used));
    }

    private void start(byte op, int gapMicros) {
        if (count == ops.length) {
            ops = Arrays.copyOf(ops, count * 2);
            gaps = Arrays.copyOf(gaps, count * 2);
            at = Arrays.copyOf(at, count * 2);
        }
        ops[count] = op;
        gaps[count] = gapMicros;
        at[count++] = used;
    }

    private void push(long value) {
        if (used == args.length) {
            args = Arrays.copyOf(args, used * 2);
        }
        args[used++] = value;
    }
}
