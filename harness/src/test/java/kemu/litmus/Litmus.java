package kemu.litmus;

import kemu.litmus.axiom.Search;
import kemu.litmus.parse.LitmusParser;

/** Runs tests given as text. */
final class Litmus {
    private Litmus() {}

    static LitmusOutcome run(Model model, String text) {
        return new Search(model, Search.DEFAULT_LIMIT, Search.DEFAULT_UNROLL).run(LitmusParser.parse("test", text));
    }

    static LitmusOutcome lkmm(String text) {
        return run(Model.LKMM, text);
    }

    /** Two processes over x, y, z and what is asked. */
    static String two(String p0, String p1, String condition) {
        String parameters = "(int *x, int *y, int *z, spinlock_t *l, struct srcu_struct *s, int **p)";
        return "C two\n{}\nP0" + parameters + "\n{\n" + p0 + "\n}\nP1" + parameters + "\n{\n" + p1 + "\n}\n" + condition
                + "\n";
    }
}
