package kemu.litmus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import kemu.litmus.axiom.Search;
import kemu.litmus.parse.LitmusParser;
import org.junit.jupiter.api.Test;

/** Races, locks, RCU, limits and comparison with expected verdicts. */
final class SemanticsTest {
    private static final String SEEN = "exists (1:r0=1 /\\ 1:r1=0)";

    @Test
    void shouldFlagARaceOfPlainAccesses() {
        LitmusOutcome bad = Litmus.lkmm(Litmus.two("*x = 1;", "int r0; r0 = *x;", "exists (1:r0=1)"));
        assertTrue(bad.flags().contains("data-race"));
    }

    @Test
    void shouldSeeNoRaceUnderALockOrBehindAFlag() {
        String locked = "spin_lock(l); *x = *x + 1; spin_unlock(l);";
        assertTrue(
                Litmus.lkmm(Litmus.two(locked, locked, "exists (x=2)")).flags().isEmpty());
        LitmusOutcome flag = Litmus.lkmm(Litmus.two(
                "*x = 1; smp_store_release(y, 1);",
                "int r0; int r1; r0 = smp_load_acquire(y); if (r0) r1 = *x;",
                SEEN));
        assertTrue(flag.flags().isEmpty());
        assertEquals("Never", flag.observation());
    }

    @Test
    void shouldRaceWhenOnlyOneSideTakesTheLock() {
        LitmusOutcome bad = Litmus.lkmm(
                Litmus.two("spin_lock(l); *x = 1; spin_unlock(l);", "int r0; r0 = READ_ONCE(*x);", "exists (1:r0=1)"));
        assertTrue(bad.flags().contains("data-race"));
    }

    @Test
    void shouldMatchSrcuByCookieEvenAcrossProcesses() {
        // What a lock returns is zero in the model: which unlock is its own is told by where the value comes from.
        String text = "C down\n{}\n"
                + "P0(int *x, int *y, struct srcu_struct *s, int *c, int *g) { int r0; int r1; r0 = srcu_down_read(s);"
                + " WRITE_ONCE(*c, r0); r1 = READ_ONCE(*y); smp_store_release(g, 1); }\n"
                + "P1(int *x, int *y, struct srcu_struct *s, int *c, int *g) { int r0; int r1;"
                + " int r2 = smp_load_acquire(g);"
                + " r1 = READ_ONCE(*c); r0 = READ_ONCE(*x); srcu_up_read(s, r1); }\n"
                + "P2(int *x, int *y, struct srcu_struct *s) { WRITE_ONCE(*y, 1); synchronize_srcu(s);"
                + " WRITE_ONCE(*x, 1); }\nfilter (1:r2=1)\nexists (1:r0=1 /\\ 0:r1=0)\n";
        assertEquals("Never", Litmus.lkmm(text).observation());
        assertEquals(Set.of(), Litmus.lkmm(text).flags());
        assertEquals(
                "Sometimes",
                Litmus.lkmm(text.replace("synchronize_srcu(s);", "")).observation());
    }

    @Test
    void shouldFlagUnbalancedReaders() {
        LitmusOutcome bad = Litmus.lkmm(Litmus.two("rcu_read_lock(); *x = 1;", "", "exists (x=1)"));
        assertTrue(bad.flags().contains("unmatched-rcu-lock"));
        assertTrue(Litmus.run(Model.LKMM_6_1, Litmus.two("rcu_read_unlock(); *x = 1;", "", "exists (x=1)"))
                .flags()
                .contains("unbalanced-rcu-locking"));
    }

    @Test
    void shouldHaveNoExecutionWhenALockIsTakenTwice() {
        LitmusOutcome none = Litmus.lkmm(Litmus.two("spin_lock(l); spin_lock(l); *x = 1;", "", "exists (x=1)"));
        assertEquals(0, none.positive() + none.negative());
        assertEquals(Set.of("deadlock"), none.flags());
    }

    @Test
    void shouldReadOutOfThinAirWhereNoAxiomForbidsIt() {
        String condition = "exists (0:r0=42 \\/ x=42)";
        LitmusOutcome plain =
                Litmus.lkmm(Litmus.two("int r0; r0 = *x; *y = r0;", "int r0; r0 = *y; *x = r0;", condition));
        assertEquals("Sometimes", plain.observation());
        assertEquals(Set.of("data-race", "out-of-thin-air"), plain.flags());
        String marked = Litmus.two(
                "int r0; r0 = READ_ONCE(*x); WRITE_ONCE(*y, r0);",
                "int r0; r0 = READ_ONCE(*y); WRITE_ONCE(*x, r0);",
                condition);
        for (Model model : Model.withAxioms()) {
            assertEquals("Never", Litmus.run(model, marked).observation(), model.label());
        }
    }

    @Test
    void shouldUnrollAWaitAndSaySo() {
        LitmusOutcome waited = Litmus.lkmm(Litmus.two(
                "WRITE_ONCE(*x, 1); smp_store_release(y, 1);",
                "int r0; int r1; while (smp_load_acquire(y) == 0) ; r0 = 1; r1 = READ_ONCE(*x);",
                SEEN));
        assertEquals("Never", waited.observation());
        assertTrue(waited.unrolled());
    }

    @Test
    void shouldSayUnknownAtTheLimitAndStayWithinMemory() {
        StringBuilder text = new StringBuilder("C big\n{}\n");
        for (int p = 0; p < 6; p++) {
            text.append("P").append(p).append("(int *x, int *y) { int r0; int r1;");
            text.append(" WRITE_ONCE(*x, ").append(p + 1).append("); r0 = READ_ONCE(*y);");
            text.append(" WRITE_ONCE(*y, ").append(p + 1).append("); r1 = READ_ONCE(*x); }\n");
        }
        text.append("exists (x=99)\n");
        LitmusOutcome outcome = new Search(Model.LKMM, 5_000, 2).run(LitmusParser.parse("big", text.toString()));
        assertFalse(outcome.complete());
        assertEquals("Unknown", outcome.observation());
        assertEquals(Verdicts.Standing.UNKNOWN, Verdicts.compare(new Verdicts.Expected("Sometimes", -1), outcome));
    }

    @Test
    void shouldCompareWithWhatIsExpected() {
        LitmusOutcome shown = Litmus.lkmm(Litmus.two(
                "int r0; WRITE_ONCE(*x, 1); r0 = READ_ONCE(*y);",
                "int r0; WRITE_ONCE(*y, 1); r0 = READ_ONCE(*x);",
                "exists (0:r0=0 /\\ 1:r0=0)"));
        assertEquals(Verdicts.Standing.AGREE, Verdicts.compare(new Verdicts.Expected("Sometimes", 4), shown));
        assertEquals(Verdicts.Standing.UNSOUND, Verdicts.compare(new Verdicts.Expected("Never", 3), shown));
        assertEquals(Verdicts.Standing.UNSOUND, Verdicts.compare(new Verdicts.Expected("Sometimes", 3), shown));
        assertEquals(Verdicts.Standing.STRONGER, Verdicts.compare(new Verdicts.Expected("Sometimes", 5), shown));
        assertEquals(Verdicts.Standing.NONE, Verdicts.compare(null, shown));
    }
}
