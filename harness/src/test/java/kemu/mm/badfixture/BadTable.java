package kemu.mm.badfixture;

import java.util.ArrayList;
import java.util.List;

/** Hides what changes behind final fields in several ways; kemu.tidy.HiddenStateTest wants each of them noticed. */
public final class BadTable {
    private final long[] stored = new long[4];
    private final long[][] rows = new long[4][4];
    private final long[] viaHelper = new long[4];
    private final long[] viaGetter = new long[4];
    private final long[] viaLambda = new long[4];
    private final long[] viaJdk = new long[4];
    private final List<Long> list = new ArrayList<>();
    private final long[] constant = new long[4];

    /** Stores into its array, which is construction. */
    public BadTable() {
        constant[0] = 1;
    }

    private static void helper(int at, long[] where) {
        where[at] = 1;
    }

    private long[] getter() {
        return viaGetter;
    }

    /** Reads only. */
    public long read(boolean first) {
        return first ? constant[0] : constant[1];
    }

    /** Changes all but one. */
    public void change(boolean first) {
        long[] alias = stored;
        alias[first ? 0 : 1] = first ? 2 : 3;
        rows[1][2]++;
        helper(1, viaHelper);
        getter()[0] = 1;
        long[] captured = viaLambda;
        Runnable later = () -> captured[0] = 1;
        later.run();
        System.arraycopy(constant, 0, viaJdk, 0, 1);
        list.add(1L);
    }
}
