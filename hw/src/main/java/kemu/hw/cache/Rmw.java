package kemu.hw.cache;

/** What an unconditional atomic does to its word. */
public final class Rmw {
    /** Stores the operand. */
    public static final int XCHG = 0;
    /** Adds the operand. */
    public static final int ADD = 1;
    /** Ors the operand. */
    public static final int OR = 2;
    /** Ands the operand. */
    public static final int AND = 3;

    private Rmw() {}

    /** What {@code op} with {@code operand} makes of {@code old}. */
    public static long apply(int op, long old, long operand) {
        return switch (op) {
            case XCHG -> operand;
            case ADD -> old + operand;
            case OR -> old | operand;
            case AND -> old & operand;
            default -> throw new IllegalArgumentException("op " + op);
        };
    }
}
