package kemu.hw.litmus;

import java.util.List;
import java.util.StringJoiner;

/** A shape in the kernel's C dialect of litmus tests, so that other tools can judge it. */
public final class LitmusText {
    private LitmusText() {}

    /** The whole test, with {@code exists} for the outcome. */
    public static String of(Litmus litmus) {
        StringBuilder text = new StringBuilder();
        text.append("C ").append(litmus.name()).append("\n\n{\n\tp=z;\n}\n");
        for (int thread = 0; thread < litmus.threads().size(); thread++) {
            text.append("\nP").append(thread).append("(int *w, int *x, int *y, int *z, int **p)\n{\n");
            List<LitmusOp> ops = litmus.threads().get(thread);
            for (LitmusOp op : ops) {
                if (op.setsRegister()) {
                    String type = leadsSomewhere(ops, op) ? "int *r" : "int r";
                    text.append('\t').append(type).append(op.register()).append(";\n");
                }
            }
            for (LitmusOp op : ops) {
                text.append('\t').append(statement(op)).append(";\n");
            }
            text.append("}\n");
        }
        StringJoiner terms = new StringJoiner(" /\\ ", "\nexists (", ")\n");
        for (LitmusOp term : litmus.outcome()) {
            terms.add(term(litmus, term));
        }
        return text.append(terms).toString();
    }

    private static boolean leadsSomewhere(List<LitmusOp> ops, LitmusOp source) {
        return ops.stream().anyMatch(op -> op.kind() == LitmusOp.Kind.LOAD_THROUGH && op.word() == source.register());
    }

    private static String statement(LitmusOp op) {
        boolean acquire = op.suffix().equals(".acq");
        boolean release = op.suffix().equals(".rel");
        String load = "r" + op.register() + " = " + (acquire ? "smp_load_acquire(" : "READ_ONCE(*");
        String store = release ? "smp_store_release(" : "WRITE_ONCE(*";
        String order = switch (op.suffix()) {
            case ".acq" -> "_acquire(";
            case ".rel" -> "_release(";
            case ".rlx" -> "_relaxed(";
            default -> "(";
        };
        return switch (op.kind()) {
            case LOAD -> load + word(op.word()) + ")";
            case LOAD_THROUGH -> load + "r" + op.word() + ")";
            case STORE -> store + word(op.word()) + ", " + op.value() + ")";
            case STORE_ADDRESS -> store + word(op.word()) + ", " + word(op.value()) + ")";
            case XCHG -> "r" + op.register() + " = xchg" + order + word(op.word()) + ", " + op.value() + ")";
            case CAS ->
                "r" + op.register() + " = cmpxchg" + order + word(op.word()) + ", " + op.value() + ", " + op.second()
                        + ")";
            case MB -> "smp_mb()";
            case RMB -> "smp_rmb()";
            case WMB -> "smp_wmb()";
            default -> throw new IllegalStateException(op.kind() + " is a term of an outcome");
        };
    }

    private static String term(Litmus litmus, LitmusOp term) {
        boolean address =
                term.kind() == LitmusOp.Kind.STORE_ADDRESS || term.kind() == LitmusOp.Kind.REGISTER_IS_ADDRESS;
        String value = address ? word(term.value()) : String.valueOf(term.value());
        if (term.kind() == LitmusOp.Kind.STORE || term.kind() == LitmusOp.Kind.STORE_ADDRESS) {
            return word(term.word()) + "=" + value;
        }
        for (int thread = 0; thread < litmus.threads().size(); thread++) {
            for (LitmusOp op : litmus.threads().get(thread)) {
                if (op.setsRegister() && op.register() == term.register()) {
                    return thread + ":r" + term.register() + "=" + value;
                }
            }
        }
        throw new IllegalArgumentException("no thread of " + litmus.name() + " sets r" + term.register());
    }

    private static String word(int number) {
        return String.valueOf(Litmus.WORD_NAMES.charAt(number));
    }
}
