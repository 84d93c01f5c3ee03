package kemu.litmus.ir;

/** What two values are joined by. */
public enum Operator {
    ADD("+"),
    SUB("-"),
    MUL("*"),
    /** Division by zero gives zero. */
    DIV("/"),
    /** The remainder of a division by zero is zero. */
    MOD("%"),
    AND("&"),
    OR("|"),
    XOR("^"),
    SHL("<<"),
    SHR(">>"),
    EQ("=="),
    NE("!="),
    LT("<"),
    LE("<="),
    GT(">"),
    GE(">="),
    LAND("&&"),
    LOR("||"),
    /** Cuts down to so many bits, with sign; or without, if the number of bits is negative. */
    CUT("cut");

    private final String sign;

    Operator(String sign) {
        this.sign = sign;
    }

    /** The operator that C writes as {@code sign}. */
    public static Operator of(String sign) {
        for (Operator one : values()) {
            if (one.sign.equals(sign)) {
                return one;
            }
        }
        throw new IllegalArgumentException("no operator " + sign);
    }

    /** {@code a} joined with {@code b}. */
    public long apply(long a, long b) {
        return switch (this) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> b == 0 ? 0 : a / b;
            case MOD -> b == 0 ? 0 : a % b;
            case AND -> a & b;
            case OR -> a | b;
            case XOR -> a ^ b;
            case SHL -> a << b;
            case SHR -> a >> b;
            case CUT -> b > 0 ? (a << (Long.SIZE - b)) >> (Long.SIZE - b) : a & ((1L << -b) - 1);
            default -> holds(a, b) ? 1 : 0;
        };
    }

    private boolean holds(long a, long b) {
        return switch (this) {
            case EQ -> a == b;
            case NE -> a != b;
            case LT -> a < b;
            case LE -> a <= b;
            case GT -> a > b;
            case GE -> a >= b;
            case LAND -> a != 0 && b != 0;
            default -> a != 0 || b != 0;
        };
    }
}
