package kemu.hw.litmus;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One shape: threads of accesses to shared words, and the outcome that is asked for.
 *
 * <p>Words are {@code w x y z}, 0 at the start, and {@code p}, which starts as the address of z. A thread is a line of
 * operations: {@code x=1}, {@code p=&x}, {@code x=1.rel}, {@code r0=x}, {@code r0=x.acq}, {@code r1=*r0} (a load
 * through a loaded address), {@code r0=xchg(x,1)} and {@code r0=cas(x,0,1)} with {@code .acq .rel .rlx} or full,
 * {@code mb}, {@code rmb}, {@code wmb}. The outcome names registers (each is set by one thread only) and final values
 * of words.
 *
 * @param name such as {@code MP+wmb+rmb}
 * @param threads one list of operations per thread
 * @param outcome all of these must hold
 */
public record Litmus(String name, List<List<LitmusOp>> threads, List<LitmusOp> outcome) {
    /** Registers a shape can have. */
    public static final int REGISTERS = 8;
    /** Words a shape can have. */
    public static final int WORDS = 5;

    /** Their names. */
    static final String WORD_NAMES = "wxyzp";

    private static final Pattern STORE = Pattern.compile("([wxyzp])=(&?)([wxyz]|\\d)(\\.rel)?");
    private static final Pattern LOAD = Pattern.compile("r(\\d)=(?:([wxyzp])|\\*r(\\d))(\\.acq)?");
    private static final Pattern RMW =
            Pattern.compile("r(\\d)=(xchg|cas)\\(([wxyz]),(\\d)(?:,(\\d))?\\)(\\.acq|\\.rel|\\.rlx)?");
    private static final Pattern REGISTER_IS = Pattern.compile("r(\\d)=(&?)([wxyz]|\\d)");

    /**
     * Reads a shape.
     *
     * @throws IllegalArgumentException naming the operation that is none
     */
    public static Litmus of(String name, String threads, String outcome) {
        List<List<LitmusOp>> parsed = new ArrayList<>();
        for (String thread : threads.split("\\|")) {
            List<LitmusOp> ops = new ArrayList<>();
            for (String op : thread.trim().split("\\s+")) {
                ops.add(operation(op));
            }
            parsed.add(List.copyOf(ops));
        }
        List<LitmusOp> wanted = new ArrayList<>();
        for (String term : outcome.trim().split("\\s+")) {
            wanted.add(term(term));
        }
        return new Litmus(name, List.copyOf(parsed), List.copyOf(wanted));
    }

    private static LitmusOp operation(String text) {
        switch (text) {
            case "mb":
                return LitmusOp.fence(LitmusOp.Kind.MB);
            case "rmb":
                return LitmusOp.fence(LitmusOp.Kind.RMB);
            case "wmb":
                return LitmusOp.fence(LitmusOp.Kind.WMB);
            default:
                break;
        }
        Matcher load = LOAD.matcher(text);
        if (load.matches()) {
            boolean through = load.group(2) == null;
            int source = through ? number(load.group(3)) : word(load.group(2));
            LitmusOp.Kind kind = through ? LitmusOp.Kind.LOAD_THROUGH : LitmusOp.Kind.LOAD;
            return new LitmusOp(kind, source, number(load.group(1)), 0, 0, suffix(load.group(4), ".rlx"));
        }
        Matcher rmw = RMW.matcher(text);
        if (rmw.matches()) {
            LitmusOp.Kind kind = rmw.group(2).equals("cas") ? LitmusOp.Kind.CAS : LitmusOp.Kind.XCHG;
            int last = rmw.group(5) == null ? 0 : number(rmw.group(5));
            return new LitmusOp(
                    kind,
                    word(rmw.group(3)),
                    number(rmw.group(1)),
                    number(rmw.group(4)),
                    last,
                    suffix(rmw.group(6), ".full"));
        }
        return store(text);
    }

    private static LitmusOp store(String text) {
        Matcher store = STORE.matcher(text);
        if (!store.matches()) {
            throw new IllegalArgumentException("litmus operation: " + text);
        }
        boolean address = !store.group(2).isEmpty();
        return new LitmusOp(
                address ? LitmusOp.Kind.STORE_ADDRESS : LitmusOp.Kind.STORE,
                word(store.group(1)),
                0,
                address ? word(store.group(3)) : number(store.group(3)),
                0,
                suffix(store.group(4), ".rlx"));
    }

    private static LitmusOp term(String text) {
        Matcher register = REGISTER_IS.matcher(text);
        if (!register.matches()) {
            return store(text);
        }
        boolean address = !register.group(2).isEmpty();
        int value = address ? word(register.group(3)) : number(register.group(3));
        LitmusOp.Kind kind = address ? LitmusOp.Kind.REGISTER_IS_ADDRESS : LitmusOp.Kind.REGISTER_IS;
        return new LitmusOp(kind, 0, number(register.group(1)), value, 0, ".rlx");
    }

    private static String suffix(String found, String otherwise) {
        return found == null ? otherwise : found;
    }

    private static int word(String letter) {
        return WORD_NAMES.indexOf(letter);
    }

    private static int number(String digit) {
        return Integer.parseInt(digit);
    }
}
