package kemu.litmus.dialect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cache.MemoryModel;
import kemu.litmus.LitmusEngine;
import kemu.litmus.LitmusOutcome;
import kemu.litmus.Model;
import kemu.litmus.ast.LitmusException;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.axiom.Search;
import kemu.litmus.kernel.KernelEngine;
import kemu.litmus.parse.LitmusParser;
import org.junit.jupiter.api.Test;

/** Every row of the table, called in a small test that both engines carry out, or refuse for the reason it states. */
final class DialectTableTest {
    /** What has to stand around a primitive for it to make sense, by its name without raw_. */
    private static String before(String name) {
        return switch (name) {
            case "spin_unlock", "spin_unlock_bh" -> "spin_lock(l); ";
            case "spin_unlock_irq" -> "spin_lock_irq(l); ";
            case "spin_unlock_irqrestore" -> "spin_lock_irqsave(l, f); ";
            case "rcu_read_unlock", "rcu_read_unlock_bh", "rcu_read_unlock_sched" -> "rcu_read_lock(); ";
            case "srcu_read_unlock", "srcu_read_unlock_notrace" -> "int c = srcu_read_lock(s); ";
            case "srcu_up_read" -> "int c = srcu_down_read(s); ";
            default -> "";
        };
    }

    private static String after(String name) {
        return switch (name) {
            case "spin_lock", "spin_lock_bh" -> " spin_unlock(l);";
            case "spin_lock_irq" -> " spin_unlock_irq(l);";
            case "spin_lock_irqsave" -> " spin_unlock_irqrestore(l, f);";
            case "spin_trylock" -> " if (r0) spin_unlock(l);";
            case "rcu_read_lock", "rcu_read_lock_bh", "rcu_read_lock_sched" -> " rcu_read_unlock();";
            case "srcu_read_lock", "srcu_read_lock_notrace" -> " srcu_read_unlock(s, r0);";
            case "srcu_down_read" -> " srcu_up_read(s, r0);";
            default -> "";
        };
    }

    private static String call(Primitive row) {
        String target = row.name().contains("spin_") ? "l" : row.name().contains("srcu") ? "s" : "x";
        List<String> given = row.arguments().stream()
                .map(argument -> switch (argument) {
                    case POINTER -> target;
                    case PLACE -> "*" + target;
                    case VALUE -> target.equals("s") ? "c" : "6";
                    case LOCAL -> "&e";
                    case FLAGS -> "f";
                    case CONDITION -> "VAL == 4";
                    case UNUSED -> "1";
                })
                .toList();
        return row.name() + "(" + String.join(", ", given) + ")";
    }

    private static LitmusTest test(Primitive row) {
        String plain = row.name().replaceFirst("^raw_(?=spin)", "");
        boolean locks = row.arguments().contains(Argument.UNUSED) && plain.startsWith("spin");
        String declared = locks ? "int f; " : "";
        return LitmusParser.parse(row.name(), """
                C row
                { x = 4; }
                P0(int *x, spinlock_t *l, struct srcu_struct *s)
                {
                  int e = 4; %s%s
                  int r0 = %s;%s
                }
                locations [0:r0; x; 0:e;]
                forall (true)
                """.formatted(declared, before(plain), call(row), after(plain)));
    }

    private static LitmusEngine kernel() {
        return new KernelEngine(new KernelEngine.Options(
                MemoryModel.WEAK,
                KernelEngine.Kind.RANDOM,
                2,
                1,
                Search.DEFAULT_UNROLL,
                "ticket",
                "sched",
                List.of(),
                Search.DEFAULT_LIMIT));
    }

    private static LitmusEngine axioms() {
        return new Search(Model.LKMM, Search.DEFAULT_LIMIT, Search.DEFAULT_UNROLL);
    }

    private static String refusal(LitmusEngine engine, LitmusTest test) {
        return assertThrows(LitmusException.class, () -> engine.run(test)).getMessage();
    }

    /** Every row by every name, but of the atomics every order with one prefix and every prefix with one order. */
    private static List<Primitive> rows() {
        return Dialect.all().stream()
                .filter(row -> !row.name()
                        .matches("(raw_atomic|arch_atomic|atomic64_|atomic_long_).*(_mb|_relaxed|_acquire|_release)"))
                .toList();
    }

    @Test
    void shouldMeanTheSameToBothEnginesOrBeRefusedForTheReasonOfTheTable() {
        List<String> wrong = new ArrayList<>();
        int both = 0;
        for (Primitive row : rows()) {
            LitmusTest test = test(row);
            for (Engine engine : Engine.values()) {
                String why = row.refusal(engine);
                if (why != null) {
                    String told = refusal(engine == Engine.AXIOMS ? axioms() : kernel(), test);
                    // What stands around it may be refused first, by a row of its own.
                    boolean named = told.startsWith(engine.unsupported()) && told.endsWith(" (" + why + ")");
                    if (!named || before(row.name()).isEmpty() && !told.contains(row.name())) {
                        wrong.add(row.name() + ": " + told);
                    }
                }
            }
            if (row.notDerived() == null && row.notExecuted() == null) {
                LitmusOutcome derived = axioms().run(test);
                LitmusOutcome executed = kernel().run(test);
                if (!derived.states().equals(executed.states())
                        || derived.states().size() != 1
                        || !derived.complete()
                        || !executed.flags().isEmpty()
                        || !derived.flags().isEmpty()) {
                    wrong.add(row.name() + ": " + derived.states() + derived.flags() + " " + executed.states()
                            + executed.flags());
                }
                both++;
            }
        }
        assertEquals(List.of(), wrong);
        assertTrue(both > 400, "rows that both engines know: " + both);
    }

    /** What an atomic gives back and leaves, where 4 was and 6 is given; 0 where it gives nothing back. */
    private static final String ATOMICS = """
            read 4 4, read_acquire 4 4, set 0 6, set_release 0 6,
            add 0 10, sub 0 -2, and 0 4, or 0 6, xor 0 2, andnot 0 0, inc 0 5, dec 0 3,
            add_return 10 10, sub_return -2 -2, inc_return 5 5, dec_return 3 3,
            fetch_add 4 10, fetch_sub 4 -2, fetch_and 4 4, fetch_or 4 6, fetch_xor 4 2, fetch_andnot 4 0,
            fetch_inc 4 5, fetch_dec 4 3,
            sub_and_test 0 -2, inc_and_test 0 5, dec_and_test 0 3, add_negative 0 10,
            add_unless 1 10, fetch_add_unless 4 10, inc_not_zero 1 5, inc_unless_negative 1 5,
            dec_unless_positive 0 4,
            xchg 4 6, cmpxchg 4 4, try_cmpxchg 1 6
            """;

    @Test
    void shouldDoWhatTheNameOfAnAtomicSays() {
        for (String row : ATOMICS.replace("\n", "").split(",")) {
            String[] cells = row.trim().split(" ");
            String state = "0:e=4; 0:r0=" + cells[1] + "; [x]=" + cells[2] + ";";
            LitmusOutcome outcome = axioms().run(test(Dialect.find("atomic_" + cells[0])));
            assertEquals(List.of(state), outcome.states(), cells[0]);
        }
    }

    @Test
    void shouldKnowWhatHadBeenKnownToOneEngineOnly() {
        for (String name : List.of(
                "xchg_mb",
                "atomic_fetch_add_mb",
                "raw_spin_lock_irqsave",
                "raw_spin_unlock_irqrestore",
                "raw_spin_lock_bh",
                "synchronize_rcu_expedited")) {
            Primitive row = Dialect.find(name);
            assertNotNull(row, name);
            assertNull(row.notExecuted(), name);
            assertNull(row.notDerived(), name);
        }
        for (String name : List.of("synchronize_srcu", "synchronize_srcu_expedited", "srcu_read_lock")) {
            assertEquals("kemu has no SRCU", Dialect.find(name).notExecuted(), name);
        }
    }

    @Test
    void shouldRefuseWhatIsNeverReached() {
        for (String unknown : List.of("smp_memb()", "atomic_read_relaxed(x)", "xor(1, x)")) {
            String text = "C never\n{}\nP0(int *x)\n{\n\tif (0)\n\t\t%s;\n}\nexists (x=0)\n".formatted(unknown);
            LitmusTest test = LitmusParser.parse("never", text);
            String name = unknown.substring(0, unknown.indexOf('('));
            assertEquals("unsupported: " + name, refusal(axioms(), test));
            assertEquals("unsupported by the kernel engine: " + name, refusal(kernel(), test));
            assertEquals(
                    6,
                    assertThrows(LitmusException.class, () -> axioms().run(test))
                            .line());
        }
    }
}
