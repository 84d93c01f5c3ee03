package kemu.litmus.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.litmus.LitmusFiles;
import kemu.litmus.LitmusOutcome;
import kemu.litmus.Model;
import kemu.litmus.Verdicts;
import kemu.litmus.ast.LitmusException;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.axiom.Search;
import kemu.litmus.parse.LitmusParser;
import kemu.rcu.Rcu;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel engine on our own tests, and what it says when locks or RCU are broken. */
final class KernelEngineTest {
    private static final int FEW = 40;
    private static final int MANY = 1500;
    private static final int SLICE = 200;
    private static final int SEEDS = 30;

    private static Path corpus() throws Exception {
        return Path.of(
                KernelEngineTest.class.getResource("/litmus/expected.csv").toURI());
    }

    private static LitmusTest test(String name) throws Exception {
        return LitmusParser.parse(corpus().resolveSibling(name + ".litmus"));
    }

    private static KernelEngine.Options options(MemoryModel model, int executions, String... weakened) {
        return options(model, executions, "ticket", "sched", List.of(weakened));
    }

    private static KernelEngine.Options with(int executions, String spinLock, String rcu) {
        return options(MemoryModel.WEAK, executions, spinLock, rcu, List.of());
    }

    private static KernelEngine.Options options(
            MemoryModel model, int executions, String spinLock, String rcu, List<String> weakened) {
        return new KernelEngine.Options(
                model,
                KernelEngine.Kind.EXHAUSTIVE,
                executions,
                1,
                Search.DEFAULT_UNROLL,
                spinLock,
                rcu,
                weakened,
                Search.DEFAULT_LIMIT);
    }

    private static LitmusOutcome run(MemoryModel model, String text) {
        return new KernelEngine(options(model, MANY)).run(LitmusParser.parse("test", text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SC", "TSO", "WEAK"})
    void shouldNeverShowWhatIsForbidden(MemoryModel model) throws Exception {
        assertTrue(judge("", options(model, FEW)) > 50);
    }

    @ParameterizedTest
    @MethodSource("kemu.kernel.locking.SpinLocks#names")
    void shouldNeverShowWhatIsForbiddenWithAnyLock(String spinLock) throws Exception {
        assertTrue(judge("lock/", with(FEW, spinLock, "sched")) >= 7);
    }

    @Test
    void shouldNeverShowWhatIsForbiddenWithPreemptedReaders() throws Exception {
        assertTrue(judge("rcu/", with(FEW / 4, "ticket", "preempt")) >= 10);
    }

    private static int judge(String folder, KernelEngine.Options options) throws Exception {
        Verdicts expected = Verdicts.read(corpus());
        List<String> wrong = new ArrayList<>();
        int judged = 0;
        for (Path file : LitmusFiles.find(List.of(corpus().resolveSibling(folder)))) {
            LitmusTest test = LitmusParser.parse(file);
            if (!known(test)) {
                continue;
            }
            LitmusOutcome outcome = new KernelEngine(options).run(test);
            Verdicts.Standing standing = Verdicts.compare(expected.of(test.name()), outcome);
            boolean good = standing == Verdicts.Standing.AGREE || standing == Verdicts.Standing.STRONGER;
            // No hang, no kernel bug, and every execution comes to its end.
            if (!good || !outcome.flags().isEmpty() || outcome.unrolled()) {
                wrong.add(test.name() + " " + standing + " " + outcome.flags());
            }
            judged++;
        }
        assertEquals(List.of(), wrong);
        return judged;
    }

    /** Of the corpus, the engine does not know SRCU and expedited grace periods. */
    private static boolean known(LitmusTest test) {
        return !test.name().startsWith("SRCU") && !test.name().contains("expedited");
    }

    /** Two engines that have nothing in common but the parser. */
    @Test
    void shouldShowAllThatIsSequentiallyConsistentWhenExhaustive() throws Exception {
        Search interpreted = new Search(Model.SC, Search.DEFAULT_LIMIT, Search.DEFAULT_UNROLL);
        List<String> wrong = new ArrayList<>();
        for (Path file : LitmusFiles.find(List.of(corpus().getParent()))) {
            LitmusTest test = LitmusParser.parse(file);
            if (test.name().contains("gp") || !known(test)) {
                continue;
            }
            LitmusOutcome executed = new KernelEngine(options(MemoryModel.SC, 0)).run(test);
            List<String> derived = interpreted.run(test).states();
            if (!executed.explored().exhaustive() || !executed.states().equals(derived)) {
                wrong.add(test.name() + " " + executed.explored().text() + " " + executed.states() + " " + derived);
            }
        }
        assertEquals(List.of(), wrong);
    }

    @ParameterizedTest
    @CsvSource({
        "TSO, classic/SB+po+po",
        "WEAK, classic/SB+po+po",
        "WEAK, classic/MP+po+po",
        "WEAK, classic/MP+wmb+po",
        "WEAK, classic/MP+po+rmb",
        "WEAK, classic/SB+xchgrlx+xchgrlx",
        "WEAK, lock/LOCK-MP+nolock",
        "WEAK, rcu/RCU-SB+rcu+rcu"
    })
    void shouldShowWhatTheHardwareAllows(MemoryModel model, String name) throws Exception {
        assertTrue(new KernelEngine(options(model, MANY)).run(test(name)).positive() > 0);
    }

    @ParameterizedTest
    @CsvSource({
        "ticket.LOCK:acquire, lock/LOCK-MP",
        "ticket.UNLOCK:release, lock/LOCK-MP",
        "ticket.LOCK:acquire, lock/LOCK-SB",
        "ticket.UNLOCK:release, lock/LOCK-SB",
        "ticket.LOCK:acquire, lock/LOCK-COUNT",
        "ticket.UNLOCK:release, lock/LOCK-COUNT",
        "rcu.ASSIGN_POINTER:release, classic/MP+assign+addr",
    })
    void shouldConvictWhenBarrierIsWeakened(String barrier, String name) throws Exception {
        LitmusOutcome outcome = new KernelEngine(options(MemoryModel.WEAK, MANY, barrier)).run(test(name));
        assertTrue(outcome.positive() > 0, "forbidden outcome not met");
        assertEquals(Verdicts.Standing.UNSOUND, Verdicts.compare(new Verdicts.Expected("Never", -1), outcome));
    }

    /** Whether some seed of a few shows the outcome that is forbidden: then the test does not go through all. */
    private static boolean convicts(MemoryModel model, String name, String rcu, Function<Rcu, RcuUse> use)
            throws Exception {
        LitmusTest test = test("rcu/" + name);
        for (int seed = 1; seed <= SEEDS; seed++) {
            KernelEngine.Options options = new KernelEngine.Options(
                    model,
                    KernelEngine.Kind.RANDOM,
                    SLICE,
                    seed,
                    Search.DEFAULT_UNROLL,
                    "ticket",
                    rcu,
                    List.of(),
                    Search.DEFAULT_LIMIT);
            if (new KernelEngine(options, use).run(test).positive() > 0) {
                return true;
            }
        }
        return false;
    }

    /** A grace period that is only a fence. */
    @ParameterizedTest
    @CsvSource({"SC, RCU-DEFER+gp+rcu", "WEAK, RCU-DEFER+gp+rcu", "WEAK, RCU-MP+gp+rcu", "TSO, RCU-SB+gp+rcu"})
    void shouldConvictWhenGracePeriodDoesNotWait(MemoryModel model, String name) throws Exception {
        assertTrue(convicts(model, name, "sched", NoWait::new), "forbidden outcome not met");
    }

    /** Readers that a tick in their midst takes for none: the grace period itself is kemu's own. */
    @ParameterizedTest
    @ValueSource(strings = {"SC", "WEAK"})
    void shouldConvictWhenReadersAreNotMarked(MemoryModel model) throws Exception {
        assertTrue(convicts(model, "RCU-DEFER+gp+rcu", "sched", Unmarked::new), "forbidden outcome not met");
    }

    /** Flavours of RCU that are wrong about readers which were preempted. */
    @ParameterizedTest
    @ValueSource(strings = {"preempt-forgetful", "preempt-wrong-phase"})
    void shouldConvictWhenPreemptedReadersAreLost(String rcu) throws Exception {
        assertTrue(convicts(MemoryModel.WEAK, "RCU-DEFER+gp+rcu", rcu, RcuUse::of), "forbidden outcome not met");
    }

    private record NoWait(Rcu rcu) implements RcuUse {
        @Override
        public void readLock(Cpu cpu) {
            rcu.readLock(cpu);
        }

        @Override
        public void readUnlock(Cpu cpu) {
            rcu.readUnlock(cpu);
        }

        @Override
        public void synchronize(Cpu cpu) {
            cpu.smpMb(0);
        }
    }

    private record Unmarked(Rcu rcu) implements RcuUse {
        @Override
        public void readLock(Cpu cpu) {}

        @Override
        public void readUnlock(Cpu cpu) {}

        @Override
        public void synchronize(Cpu cpu) {
            rcu.synchronizeRcu(cpu);
        }
    }

    @Test
    void shouldRepeatWhenSeedIsTheSame() throws Exception {
        LitmusTest test = test("rcu/RCU-DEFER+gp+rcu");
        LitmusOutcome first = new KernelEngine(options(MemoryModel.WEAK, FEW)).run(test);
        assertEquals(first, new KernelEngine(options(MemoryModel.WEAK, FEW)).run(test));
    }

    @Test
    void shouldFlagHangWhenProcessesDeadlock() {
        LitmusOutcome outcome = run(MemoryModel.SC, """
                C ABBA
                {}
                P0(spinlock_t *a, spinlock_t *b, int *x) {
                  spin_lock(a); spin_lock(b); WRITE_ONCE(*x, 1); spin_unlock(b); spin_unlock(a);
                }
                P1(spinlock_t *a, spinlock_t *b, int *x) {
                  spin_lock(b); spin_lock(a); WRITE_ONCE(*x, 2); spin_unlock(a); spin_unlock(b);
                }
                exists (x=1)
                """);
        assertEquals(Set.of("hang"), outcome.flags());
        assertFalse(outcome.complete());
        assertEquals(2, outcome.states().size());
    }

    @Test
    void shouldFlagKernelBugWhenGracePeriodIsAwaitedInReader() {
        LitmusOutcome outcome = run(MemoryModel.SC, """
                C SELF
                {}
                P0(int *x) { rcu_read_lock(); synchronize_rcu(); WRITE_ONCE(*x, 1); rcu_read_unlock(); }
                exists (x=1)
                """);
        assertFalse(outcome.complete());
        assertTrue(
                outcome.flags().toString().contains("sleeping function"),
                outcome.flags().toString());
    }

    @Test
    void shouldFollowPointersAndArraysAndLoops() {
        LitmusOutcome outcome = run(MemoryModel.WEAK, """
                C shapes
                { int a[3]; int *p = &x; 1:r3 = 7; }
                P0(int *a, int *x, int **p) {
                  int i; int *q;
                  for (i = 0; i < 3; i++) { WRITE_ONCE(a[i], i + 1); }
                  q = READ_ONCE(*p);
                  WRITE_ONCE(*q, 5);
                }
                P1(int *x, int *y) {
                  int r0; int r1;
                  do { r0 = READ_ONCE(*x); } while (r0 != 5);
                  r1 = atomic_fetch_add(3, y);
                  if (r1 == 0 && r3 == 7) { r1 = cmpxchg(y, 3, 9) ; }
                }
                exists (1:r0=5 /\\ 1:r1=3 /\\ 1:r3=7 /\\ y=9 /\\ a[0]=1 /\\ a[1]=2 /\\ a[2]=3 /\\ p=x)
                """);
        assertEquals("Always", outcome.observation(), outcome.states().toString());
        assertEquals(Set.of(), outcome.flags());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "atomic_inc(&x); | | x=1",
                "while (1) { r0 = READ_ONCE(*x); if (r0) break; } | WRITE_ONCE(*x, 1); | 0:r0=1",
                "WRITE_ONCE(*x, 5); int r1 = 4; r0 = try_cmpxchg(x, &r1, 6); int r2 = try_cmpxchg(x, &r1, 7);"
                        + "| | 0:r0=0 /\\ 0:r1=5 /\\ 0:r2=1 /\\ x=7",
                "smp_cond_load_acquire(x, VAL == 1); r0 = READ_ONCE(*y);"
                        + "| WRITE_ONCE(*y, 1); smp_store_release(x, 1); | 0:r0=1",
                "ACCESS_ONCE(*x) = 2; r0 = ACCESS_ONCE(*x); | | 0:r0=2",
                "atomic_set(x, -1); r0 = atomic_inc_unless_negative(x); int r1 = atomic_dec_unless_positive(x);"
                        + "| | 0:r0=0 /\\ 0:r1=1 /\\ x=-2",
                "spin_lock_irqsave(l, f); r0 = spin_is_locked(l); spin_unlock_irqrestore(l, f); | | 0:r0=1 /\\ l=0",
                "r0 = atomic_fetch_xor(5, x); int r1 = atomic_sub_and_test(5, x); int r2 = atomic_add_unless(x, 3, 0);"
                        + "| | 0:r0=0 /\\ 0:r1=1 /\\ 0:r2=0 /\\ x=0",
            })
    void shouldKnowTheDialect(String p0, String p1, String condition) {
        String parameters = "(int *x, int *y, spinlock_t *l)";
        String text = "C two\n{}\nP0" + parameters + "\n{\nint r0;\n" + p0 + "\n}\nP1" + parameters + "\n{\n"
                + (p1 == null ? "" : p1) + "\n}\nexists (" + condition + ")\n";
        for (MemoryModel model : List.of(MemoryModel.SC, MemoryModel.WEAK)) {
            LitmusOutcome outcome = run(model, text);
            assertEquals("Always", outcome.observation(), outcome.states().toString());
            assertEquals(Set.of(), outcome.flags());
        }
    }

    @Test
    void shouldSayWhatItDoesNotKnow() {
        String srcu = "C srcu\n{ x = 0; }\nP0(struct srcu_struct *s) {\n  synchronize_srcu(s);\n}\nexists (x=1)\n";
        LitmusException told = assertThrows(LitmusException.class, () -> run(MemoryModel.SC, srcu));
        assertEquals("unsupported by the kernel engine: synchronize_srcu (kemu has no SRCU)", told.getMessage());
        assertEquals(4, told.line());
    }
}
