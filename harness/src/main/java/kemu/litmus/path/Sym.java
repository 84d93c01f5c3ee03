package kemu.litmus.path;

import kemu.litmus.LitmusException;

/** A value computed from what the reads of one process return. Immutable; constants are folded. */
public final class Sym {
    /** What to compute. */
    enum Op {
        CONST,
        READ,
        ADD,
        SUB,
        MUL,
        DIV,
        MOD,
        AND,
        OR,
        XOR,
        SHL,
        SHR,
        EQ,
        NE,
        LT,
        LE,
        GT,
        GE,
        LAND,
        LOR,
        CUT
    }

    /** Told by {@link #eval} when a read it needs has no value yet. */
    public static final long UNKNOWN = Long.MIN_VALUE + 4711;

    private static final int MAX_SIZE = 4096;

    /** Zero. */
    public static final Sym ZERO = of(0);

    private final Op op;
    private final long number;
    private final Sym left;
    private final Sym right;
    /** Operations, counted as often as they are computed. */
    private final int size;

    private final long reads;

    private Sym(Op op, long number, Sym left, Sym right) {
        this.op = op;
        this.number = number;
        this.left = left;
        this.right = right;
        this.size = left == null ? 1 : 1 + left.size + right.size;
        this.reads = left == null ? op == Op.READ ? 1L << number : 0 : left.reads | right.reads;
        if (size > MAX_SIZE) {
            throw new LitmusException(0, "a value computed by more than " + MAX_SIZE + " operations");
        }
    }

    /** A constant. */
    public static Sym of(long value) {
        return new Sym(Op.CONST, value, null, null);
    }

    /** Whether it is just what one read returned. */
    public boolean isRead() {
        return op == Op.READ;
    }

    /** What the read with number {@code ordinal} of the process returns. */
    static Sym read(int ordinal) {
        return new Sym(Op.READ, ordinal, null, null);
    }

    /** {@code left op right}; folded when both are constant. */
    static Sym of(Op op, Sym left, Sym right) {
        if (left.op == Op.CONST && right.op == Op.CONST) {
            return of(apply(op, left.number, right.number));
        }
        boolean cancels = op == Op.XOR || op == Op.SUB;
        return cancels && left.isSame(right) ? ZERO : new Sym(op, 0, left, right);
    }

    /** Cut down to {@code bits}, with or without sign. */
    static Sym cut(Sym value, int bits, boolean signed) {
        return bits >= 64 ? value : of(Op.CUT, value, of(signed ? bits : -bits));
    }

    private boolean isSame(Sym other) {
        return this == other || op == Op.READ && other.op == Op.READ && number == other.number;
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
        if (op == Op.READ && !nonzero) {
            return known[base + (int) number] == UNKNOWN ? (int) number : -1;
        }
        if (op != (nonzero ? Op.EQ : Op.NE)) {
            return -1;
        }
        if (left.op == Op.READ && left.eval(known, base) == UNKNOWN && right.eval(known, base) != UNKNOWN) {
            return (int) left.number;
        }
        boolean other = right.op == Op.READ && right.eval(known, base) == UNKNOWN;
        return other && left.eval(known, base) != UNKNOWN ? (int) right.number : -1;
    }

    /** The value of {@link #forcedRead}. */
    public long forcedValue(long[] known, int base) {
        if (op == Op.READ) {
            return 0;
        }
        long value = left.eval(known, base);
        return value == UNKNOWN ? right.eval(known, base) : value;
    }

    /** Whether it is the same in every execution. */
    public boolean isConst() {
        return op == Op.CONST;
    }

    /** The value of a constant. */
    public long constant() {
        return number;
    }

    /** The value, given those of the reads from {@code base} on; {@link #UNKNOWN} if one is missing. */
    public long eval(long[] reads, int base) {
        if (op == Op.CONST) {
            return number;
        }
        if (op == Op.READ) {
            return reads[base + (int) number];
        }
        long a = left.eval(reads, base);
        if (a == UNKNOWN) {
            return UNKNOWN;
        }
        long b = right.eval(reads, base);
        return b == UNKNOWN ? UNKNOWN : apply(op, a, b);
    }

    private static long apply(Op op, long a, long b) {
        switch (op) {
            case ADD:
                return a + b;
            case SUB:
                return a - b;
            case MUL:
                return a * b;
            case DIV:
                return b == 0 ? 0 : a / b;
            case MOD:
                return b == 0 ? 0 : a % b;
            case AND:
                return a & b;
            case OR:
                return a | b;
            case XOR:
                return a ^ b;
            case SHL:
                return a << b;
            case SHR:
                return a >> b;
            case CUT:
                return b > 0 ? (a << (64 - b)) >> (64 - b) : a & ((1L << -b) - 1);
            default:
                return compare(op, a, b) ? 1 : 0;
        }
    }

    private static boolean compare(Op op, long a, long b) {
        switch (op) {
            case EQ:
                return a == b;
            case NE:
                return a != b;
            case LT:
                return a < b;
            case LE:
                return a <= b;
            case GT:
                return a > b;
            case GE:
                return a >= b;
            case LAND:
                return a != 0 && b != 0;
            default:
                return a != 0 || b != 0;
        }
    }
}
