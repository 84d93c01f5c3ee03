package kemu.litmus.path;

import kemu.litmus.ast.LitmusException;
import kemu.litmus.ir.Operator;

/** A value computed from what the reads of one process return. Immutable; constants are folded. */
public final class Sym {
    /** Told by {@link #eval} when a read it needs has no value yet. */
    public static final long UNKNOWN = Long.MIN_VALUE + 4711;

    private static final int MAX_SIZE = 4096;

    /** Zero. */
    public static final Sym ZERO = of(0);

    /** What joins the two parts; null of a constant or a read. */
    private final Operator op;
    /** Of a constant, itself; of a read, its ordinal. */
    private final long number;

    private final boolean isRead;
    private final Sym left;
    private final Sym right;
    /** Operations, counted as often as they are computed. */
    private final int size;

    private final long reads;

    private Sym(boolean isRead, long number) {
        this.op = null;
        this.isRead = isRead;
        this.number = number;
        this.left = null;
        this.right = null;
        this.size = 1;
        this.reads = isRead ? 1L << number : 0;
    }

    private Sym(Operator op, Sym left, Sym right) {
        this.op = op;
        this.isRead = false;
        this.number = 0;
        this.left = left;
        this.right = right;
        this.size = 1 + left.size + right.size;
        this.reads = left.reads | right.reads;
        if (size > MAX_SIZE) {
            throw new LitmusException(0, "a value computed by more than " + MAX_SIZE + " operations");
        }
    }

    /** A constant. */
    public static Sym of(long value) {
        return new Sym(false, value);
    }

    /** Whether it is just what one read returned. */
    public boolean isRead() {
        return isRead;
    }

    /** What the read with number {@code ordinal} of the process returns. */
    static Sym read(int ordinal) {
        return new Sym(true, ordinal);
    }

    /** {@code left op right}; folded when both are constant. */
    static Sym of(Operator op, Sym left, Sym right) {
        if (left.isConst() && right.isConst()) {
            return of(op.apply(left.number, right.number));
        }
        boolean cancels = op == Operator.XOR || op == Operator.SUB;
        return cancels && left.isSame(right) ? ZERO : new Sym(op, left, right);
    }

    private boolean isSame(Sym other) {
        return this == other || isRead && other.isRead && number == other.number;
    }

    /** Reads it is computed from, a bit per ordinal. */
    public long reads() {
        return reads;
    }

    /**
     * The read, by ordinal, whose value follows if this is zero or is not, as {@code nonzero} says: one that is
     * compared with something known; -1 if none does. {@link #forcedValue} tells the value.
     */
    public int forcedRead(boolean nonzero, long[] known, int base) {
        if (isRead && !nonzero) {
            return known[base + (int) number] == UNKNOWN ? (int) number : -1;
        }
        if (op != (nonzero ? Operator.EQ : Operator.NE)) {
            return -1;
        }
        if (left.isRead && left.eval(known, base) == UNKNOWN && right.eval(known, base) != UNKNOWN) {
            return (int) left.number;
        }
        boolean other = right.isRead && right.eval(known, base) == UNKNOWN;
        return other && left.eval(known, base) != UNKNOWN ? (int) right.number : -1;
    }

    /** The value of {@link #forcedRead}. */
    public long forcedValue(long[] known, int base) {
        if (isRead) {
            return 0;
        }
        long value = left.eval(known, base);
        return value == UNKNOWN ? right.eval(known, base) : value;
    }

    /** Whether it is the same in every execution. */
    public boolean isConst() {
        return op == null && !isRead;
    }

    /** The value of a constant. */
    public long constant() {
        return number;
    }

    /** The value, given those of the reads from {@code base} on; {@link #UNKNOWN} if one is missing. */
    public long eval(long[] reads, int base) {
        if (op == null) {
            return isRead ? reads[base + (int) number] : number;
        }
        long a = left.eval(reads, base);
        if (a == UNKNOWN) {
            return UNKNOWN;
        }
        long b = right.eval(reads, base);
        return b == UNKNOWN ? UNKNOWN : op.apply(a, b);
    }
}
