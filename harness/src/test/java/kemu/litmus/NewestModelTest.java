package kemu.litmus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import kemu.litmus.ast.LitmusException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the kernel's model learned after Linux 6.1, with verdicts argued from both versions of its definitions. */
final class NewestModelTest {
    private static final String STORES = "WRITE_ONCE(*x, 5); smp_wmb(); WRITE_ONCE(*y, 1);";

    /** S with a data dependency that goes through something plain; the store is before P0's in coherence. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*z = r0 + 1; WRITE_ONCE(*x, *z); | Never | Sometimes",
                "*z = r0; int r1 = *z; *z = r1 + 1; WRITE_ONCE(*x, *z); | Never | Sometimes",
                "*z = r0; if (*z) WRITE_ONCE(*x, 1); | Never | Sometimes",
                "WRITE_ONCE(*z, r0); int r1 = READ_ONCE(*z); WRITE_ONCE(*x, r1 + 1); | Never | Never",
                "*z = r0; *z = 7; WRITE_ONCE(*x, *z); | Sometimes | Sometimes",
                "*z = 1; if (r0) *z = 2; WRITE_ONCE(*x, 3 + 0 * *z); | Sometimes | Sometimes",
                "*z = r0; WRITE_ONCE(*x, 2); | Sometimes | Sometimes",
                "WRITE_ONCE(*x, r0 + 1); | Never | Never",
            })
    void shouldCarryDataDependenciesThroughWhatTheProcessItselfReadsBack(String body, String newest, String old) {
        String test = Litmus.two(STORES, "int r0 = READ_ONCE(*y);" + body, "exists (1:r0=1 /\\ x=5)");
        assertEquals(newest, Litmus.lkmm(test).observation());
        assertEquals(old, Litmus.run(Model.LKMM_6_1, test).observation());
    }

    @Test
    void shouldNotCarryThroughAnotherProcess() {
        // P2 passes the value on, plain and racy: what P1 reads then hangs on no dependency of its own.
        String text = "C pass\n{}\nP0(int *x, int *y) {" + STORES + "}\n"
                + "P1(int *y, int *z) { int r0 = READ_ONCE(*y); *z = r0; }\n"
                + "P2(int *x, int *z) { int r1 = *z; if (r1) WRITE_ONCE(*x, 1); }\nexists (2:r1=1 /\\ x=5)\n";
        assertEquals("Sometimes", Litmus.lkmm(text).observation());
    }

    @Test
    void shouldReleaseThroughASequenceOfReadModifyWrites() {
        String text = "C seq\n{}\nP0(int *x, int *y) { WRITE_ONCE(*x, 1); smp_store_release(y, 1); }\n"
                + "P1(int *y) { int r0 = atomic_add_return_relaxed(1, y); }\n"
                + "P2(int *x, int *y) { int r1 = smp_load_acquire(y); int r2 = READ_ONCE(*x); }\n"
                + "exists (1:r0=2 /\\ 2:r1=2 /\\ 2:r2=0)\n";
        assertEquals("Never", Litmus.lkmm(text).observation());
        assertEquals("Sometimes", Litmus.run(Model.LKMM_6_1, text).observation());
        String failed = text.replace("atomic_add_return_relaxed(1, y)", "READ_ONCE(*y); WRITE_ONCE(*y, 2)")
                .replace("1:r0=2", "1:r0=1");
        assertEquals("Sometimes", Litmus.lkmm(failed).observation());
    }

    @Test
    void shouldOrderNothingWhenACmpxchgFails() {
        String one = "WRITE_ONCE(*%s, 1); int r1 = cmpxchg(z, 5, 6); int r0 = READ_ONCE(*%s);";
        String test = Litmus.two(one.formatted("x", "y"), one.formatted("y", "x"), "exists (0:r0=0 /\\ 1:r0=0)");
        assertEquals("Sometimes", Litmus.lkmm(test).observation());
        String both = test.replace("cmpxchg(z, 5, 6)", "xchg(z, 6)");
        assertEquals("Never", Litmus.lkmm(both).observation());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "int i = srcu_read_lock(s); | unmatched-srcu-lock",
                "int i = 0; srcu_read_unlock(s, i); | unmatched-srcu-unlock",
                "int i = srcu_read_lock(s); srcu_read_unlock(s, i); srcu_read_unlock(s, i); | multiple-srcu-matches",
                "int i = srcu_read_lock(s); int j = srcu_read_lock(s); srcu_read_unlock(s, i + j);"
                        + " | multiple-srcu-matches",
                "int i = srcu_read_lock(s); srcu_read_unlock(s, i + 1); | srcu-bad-value-match",
                "rcu_read_unlock(); | unmatched-rcu-unlock",
                "spin_unlock(l); | unmatched-unlock",
                "spin_lock(l); | spinlock-held-at-end",
                "WRITE_ONCE(*l, 0); spin_lock(l); spin_unlock(l); | mixed-lock-accesses",
                "spin_lock(l); spin_lock(l); | deadlock",
            })
    void shouldFlagWhatIsMisused(String body, String flag) {
        assertEquals(
                Set.of(flag), Litmus.lkmm(Litmus.two(body, "", "exists (x=0)")).flags());
    }

    @Test
    void shouldMatchAnSrcuUnlockThroughMemoryOfTheProcess() {
        String reader = "int i = srcu_read_lock(s); *z = i; int r0 = READ_ONCE(*x); WRITE_ONCE(*y, 1);"
                + " int j = *z; srcu_read_unlock(s, j);";
        String updater = "WRITE_ONCE(*x, 1); synchronize_srcu(s); int r1 = READ_ONCE(*y);";
        LitmusOutcome outcome = Litmus.lkmm(Litmus.two(reader, updater, "exists (0:r0=0 /\\ 1:r1=0)"));
        assertEquals("Never", outcome.observation());
        assertEquals(Set.of(), outcome.flags());
    }

    @Test
    void shouldRefuseUnderTheOldModelWhatItDoesNotHave() {
        String down = Litmus.two("\nint i = srcu_down_read(s); srcu_up_read(s, i);", "", "exists (x=0)");
        LitmusException refused = assertThrows(LitmusException.class, () -> Litmus.run(Model.LKMM_6_1, down));
        assertEquals("unsupported by lkmm-6.1: srcu_down_read and srcu_up_read", refused.getMessage());
        assertEquals(6, refused.line());
        assertEquals(Set.of(), Litmus.lkmm(down).flags());
    }

    /** The init section of the test of one process that reads into r. */
    private static LitmusOutcome one(String init, String body) {
        return Litmus.lkmm("C one\n{" + init + "}\nP0(int *x, int *y, int **p, int *a)\n{\n" + body
                + "\n}\nlocations [0:r]\nexists (true)\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "int 0:q = 5; | r = q; | 5",
                "int *0:q; int x = 3; | q = x; r = READ_ONCE(*q); | 3",
                "int *0:q = &x; int x = 3; | r = READ_ONCE(*q); | 3",
                "int * 0:q; | r = 2; | 2",
                "0:return = 4; | r = return + 1; | 5",
                "0:for = 4; | for = for * 2; r = for; | 8",
                "int a[3] = {1, 2, 3}; int *p = &a[1]; | int *q = READ_ONCE(*p); r = READ_ONCE(*(q + 1)); | 3",
                "a[2] = {1, 2}; p = a + 1; | int *q = READ_ONCE(*p); r = *q; | 2",
                "a[2] = {7}; | r = a[0] + a[1]; | 7",
                "int a[] = {1, 2}; | r = a[1]; | 2",
                "int x = (int) -1; | r = *x; | -1",
                "x = 1; | goto = 3; r = goto; | 3",
            })
    void shouldTakeDeclarationsAsUsersWriteThem(String init, String body, long value) {
        assertEquals(List.of("0:r=" + value + ";"), one(init, body).states());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x = *(&y); | r = 1; | unsupported: *(&y) where 'y' is no array",
                "a[2] = {1, 2, 3}; | r = 1; | 'a' has 2 elements, not 3",
                "a[2] = 5; | r = 1; | the elements of the array 'a' must stand in braces",
                "a[100]; | r = 1; | array 'a' has 100 elements (allowed: 1..64)",
                "x = 1; x = 2; | r = 1; | 'x' is initialised twice",
                "1:r = 1; | r = 1; | no process of 1:r",
                "0:x = 1; | r = 1; | '0:x' is a parameter",
                "x = 1; | r = READ_ONCE(*v); | P0 has no variable 'v'",
                "v = 1; | r = READ_ONCE(*v); | P0 has no variable 'v' (a shared variable must be its parameter)",
                "x = 1; | if (0) smp_memb(); r = *q; | P0 has no variable 'q'",
                "x = 1; | smp_memb(); r = 1; | unsupported: smp_memb",
            })
    void shouldRefuseInOneLineWhatHasNoMeaning(String init, String body, String message) {
        LitmusException refused = assertThrows(LitmusException.class, () -> one(init, body));
        assertEquals(message, refused.getMessage());
    }

    @Test
    void shouldRefuseNamesInTheQuestionThatNothingHas() {
        for (List<String> pair : List.of(
                List.of("exists (0:r9=0)", "P0 has no variable 'r9'"),
                List.of("exists (7:r0=0)", "no process of 7:r0"),
                List.of("exists (w=0)", "no shared variable 'w'"),
                List.of("filter (w=0) exists (x=0)", "no shared variable 'w'"),
                List.of("exists (0xffffffffffffffff:r0=0)", "number out of range: 18446744073709551615"),
                List.of("", "no condition (exists, ~exists or forall)"))) {
            LitmusException refused =
                    assertThrows(LitmusException.class, () -> Litmus.lkmm(Litmus.two("int r0 = *x;", "", pair.get(0))));
            assertEquals(pair.get(1), refused.getMessage());
        }
        LitmusOutcome only = Litmus.lkmm(Litmus.two("int r0 = *x;", "", "locations [0:r0; 0:r7]"));
        assertTrue(only.flags().contains("nothing-is-called-0:r7"), only.toString());
    }

    @Test
    void shouldNameTheLineWhereASemicolonIsMissing() {
        LitmusException refused = assertThrows(
                LitmusException.class,
                () -> Litmus.lkmm("C n\n{}\nP0(int *x)\n{\n\tint r0\n\n\tr0 = *x;\n}\nexists (x=0)\n"));
        assertEquals("';' is missing at the end", refused.getMessage());
        assertEquals(5, refused.line());
    }
}
