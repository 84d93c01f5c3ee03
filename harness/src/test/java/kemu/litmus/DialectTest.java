package kemu.litmus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import kemu.litmus.ast.LitmusException;
import org.junit.jupiter.api.Test;

/** Constructs that collections of tests use beyond the kernel's own. */
final class DialectTest {
    private static LitmusOutcome one(String body, String condition) {
        return Litmus.lkmm(Litmus.two(body, "", condition));
    }

    @Test
    void shouldTakeTheSharedVariableWhenItsParameterIsGivenWithAnAmpersand() {
        assertEquals("Always", one("atomic_inc(&x);", "exists (x=1)").observation());
    }

    @Test
    void shouldUnrollAnEndlessLoopWhenABreakEndsIt() {
        LitmusOutcome outcome = Litmus.lkmm(Litmus.two(
                "int r0; while (1) { r0 = READ_ONCE(*x); if (r0) break; }", "WRITE_ONCE(*x, 1);", "exists (0:r0=1)"));
        assertEquals("Always", outcome.observation());
        assertTrue(outcome.unrolled());
    }

    @Test
    void shouldGiveBackWhatWasSeenWhenTryCmpxchgFails() {
        LitmusOutcome outcome = one(
                "WRITE_ONCE(*x, 5); int r1 = 4; int r0 = try_cmpxchg(x, &r1, 6); int r2 = try_cmpxchg(x, &r1, 7);",
                "exists (0:r0=0 /\\ 0:r1=5 /\\ 0:r2=1 /\\ x=7)");
        assertEquals("Always", outcome.observation());
    }

    @Test
    void shouldOrderWhatFollowsWhenAWaitAcquires() {
        String writer = "WRITE_ONCE(*y, 1); smp_store_release(x, 1);";
        String condition = "exists (1:r1=0)";
        assertEquals(
                "Never",
                Litmus.lkmm(Litmus.two(
                                writer, "smp_cond_load_acquire(x, VAL == 1); int r1 = READ_ONCE(*y);", condition))
                        .observation());
        assertEquals(
                "Sometimes",
                Litmus.lkmm(Litmus.two(
                                writer, "smp_cond_load_relaxed(x, VAL == 1); int r1 = READ_ONCE(*y);", condition))
                        .observation());
    }

    @Test
    void shouldReadAndWriteOnceWhenAccessOnceIsUsed() {
        LitmusOutcome outcome =
                Litmus.lkmm(Litmus.two("ACCESS_ONCE(*x) = 1;", "int r0 = ACCESS_ONCE(*x);", "exists (1:r0=1)"));
        assertEquals("Sometimes", outcome.observation());
        assertEquals(Set.of(), outcome.flags());
    }

    @Test
    void shouldRefuseConditionalAtomicsWhenTheValueForbids() {
        LitmusOutcome outcome = one(
                "atomic_set(x, -1); int r0 = atomic_inc_unless_negative(x); int r1 = atomic_dec_unless_positive(x);",
                "exists (0:r0=0 /\\ 0:r1=1 /\\ x=-2)");
        assertEquals("Always", outcome.observation());
    }

    @Test
    void shouldMatchSrcuReadersByCookieAndUntilLinux63ByNesting() {
        String reader = "int r1 = srcu_read_lock(s); WRITE_ONCE(*x, 1); int r2 = srcu_read_lock(s);"
                + "srcu_read_unlock(s, r1); WRITE_ONCE(*y, 1); srcu_read_unlock(s, r2);";
        String updater = "int r3 = READ_ONCE(*x); synchronize_srcu(s); int r4 = READ_ONCE(*y);";
        String test = Litmus.two(reader, updater, "exists (1:r3=1 /\\ 1:r4=0)");
        assertEquals("Sometimes", Litmus.lkmm(test).observation());
        assertEquals(Set.of(), Litmus.lkmm(test).flags());
        LitmusOutcome nested = Litmus.run(Model.LKMM_6_1, test);
        assertEquals("Never", nested.observation());
        assertEquals(Set.of("srcu-bad-nesting"), nested.flags());
    }

    @Test
    void shouldFlagWhatHerdFlagsWhenAccessesAreMixedOrAReaderSleeps() {
        LitmusOutcome mixed = Litmus.lkmm(Litmus.two("*x = 1; WRITE_ONCE(*x, 2);", "", "exists (x=2)"));
        assertEquals(Set.of("mixed-accesses"), mixed.flags());
        LitmusOutcome fenced = Litmus.lkmm(Litmus.two("*x = 1; smp_wmb(); WRITE_ONCE(*x, 2);", "", "exists (x=2)"));
        assertEquals(Set.of(), fenced.flags());
        LitmusOutcome asleep = Litmus.lkmm(Litmus.two(
                "rcu_read_lock(); WRITE_ONCE(*x, 1); synchronize_srcu(s); rcu_read_unlock();", "", "exists (x=1)"));
        assertEquals(Set.of("invalid-sleep"), asleep.flags());
    }

    @Test
    void shouldNameWhatIsMissingWhenAConstructIsNotKnown() {
        for (List<String> pair : List.of(
                List.of("goto out;", "unsupported: goto"),
                List.of("switch (*x) { }", "unsupported: switch"),
                List.of("p->a = 1;", "unsupported: members of structs"),
                List.of("call_rcu(x, y);", "unsupported: call_rcu"))) {
            LitmusException problem =
                    assertThrows(LitmusException.class, () -> one("int r0;\n" + pair.get(0), "exists (x=1)"));
            assertEquals(pair.get(1), problem.getMessage());
            assertEquals(6, problem.line());
        }
    }
}
