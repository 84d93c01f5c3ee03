package kemu.check.story;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Function;
import kemu.hw.mem.FailureKind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names of classes and words of messages are for people: with others, everything is found as it was. */
class RewordedKernelTest {
    private static final RewordingLoader OTHER = new RewordingLoader(RewordedKernelTest.class.getClassLoader());

    @SuppressWarnings("unchecked")
    private static List<String> reworded(List<String> subject) throws ReflectiveOperationException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(OTHER);
        try {
            Class<?> type = OTHER.loadClass(Conviction.class.getName());
            assertNotEquals(Conviction.class, type);
            return ((Function<List<String>, List<String>>) type.getConstructor().newInstance()).apply(subject);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "rmap-hang-child, root-reread, SC, HANG, WRONG_UNLOCK",
        "rmap-hang-child, own-lock-first-naive, SC, HANG, INTERFERENCE",
        "rmap-no-typesafe, plain-local-lock, SC, USE_AFTER_FREE, INTERFERENCE",
        "rmap-no-mapped-test, no-mapped-test, SC, USE_AFTER_FREE, UNEXPLAINED",
        "rmap-no-pageref, without, SC, RMAP_I6, INTERFERENCE",
        "rmap-oldest, newest, SC, RMAP_I1, UNEXPLAINED",
        "rmap-double-reuse, degree, SC, RMAP_I3, UNEXPLAINED",
        "rmap-prepare-nolock, not-locked, SC, DATA_RACE, INTERFERENCE",
        "slab-verify-first, verify-then-pin, SC, WRONG_OBJECT, LOST_OBJECT",
        "slab-verify-first, verify-then-pin, TSO, WRONG_OBJECT, LOST_OBJECT",
        "slab-page-recycle, no-typesafe, SC, TYPE_CONFUSION, UNEXPLAINED",
        "slab-zalloc, zero-on-alloc, SC, HANG, DEADLOCK",
        "slab-destroy, nothing, SC, USE_AFTER_FREE, UNEXPLAINED"
    })
    void shouldConvictAsBefore(String scenario, String strategy, String model, String kind, String why)
            throws ReflectiveOperationException {
        List<String> subject = List.of(scenario, strategy, model);
        List<String> usual = new Conviction().apply(subject);
        assertEquals("verdict FAIL", usual.get(0));
        assertEquals("kind " + FailureKind.valueOf(kind), usual.get(1));
        assertTrue(usual.get(7).startsWith("cause " + why), usual.get(7));
        assertEquals(String.join("\n", usual), String.join("\n", reworded(subject)));
    }

    @AfterAll
    static void shouldHaveHadOtherNamesAndOtherWords() {
        assertTrue(
                OTHER.renamed().contains("kemu.kernel.locking.SpinLock"),
                OTHER.renamed().toString());
        assertTrue(
                OTHER.renamed().contains("kemu.mm.rmap.AnonVmas"),
                OTHER.renamed().toString());
        assertTrue(OTHER.reworded().contains("INFO: tasks and locks of the machine:\n"));
        assertTrue(OTHER.reworded().size() > 100, OTHER.reworded().size() + " constants");
    }
}
