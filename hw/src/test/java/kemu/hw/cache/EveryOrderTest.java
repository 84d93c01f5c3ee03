package kemu.hw.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.order.Barriers;
import kemu.hw.order.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Store buffers and old values under hand-written programs, with barriers and without. What every shape shows under
 * every model is held by the rows of the litmus corpus.
 */
class EveryOrderTest {
    private static final int FAR = 1 << 14;
    private static final int NEAR = 8;

    private static final int MB = Barriers.fence("every.order.MB");
    private static final int RMB = Barriers.fence("every.order.RMB");
    private static final int WMB = Barriers.fence("every.order.WMB");
    private static final int ACQUIRE = Barriers.acquire("every.order");
    private static final int RELEASE = Barriers.release("every.order");

    private static final EveryOrder.Outcome BOTH_OLD = (r, words) -> r[0] == 0 && r[1] == 0;
    private static final EveryOrder.Outcome FLAG_WITHOUT_DATA = (r, words) -> r[0] == 1 && r[1] == 0;

    /** SB: each stores to its own word and looks at the other's. */
    private static EveryOrder.Program stores(int own, int other, int register, boolean fence) {
        return (cpu, at, r) -> {
            cpu.writeOnce64(at[own], 1);
            if (fence) {
                cpu.smpMb(MB);
            }
            r[register] = cpu.readOnce64(at[other]);
        };
    }

    private static EveryOrder.Program[] storeBuffering(boolean fences) {
        return new EveryOrder.Program[] {stores(0, 1, 0, fences), stores(1, 0, 1, fences)};
    }

    /** MP: data, then a flag; and the reverse. */
    private static EveryOrder.Program[] messagePassing(String how) {
        return switch (how) {
            case "fences" ->
                new EveryOrder.Program[] {
                    (cpu, at, r) -> {
                        cpu.writeOnce64(at[0], 1);
                        cpu.smpWmb(WMB);
                        cpu.writeOnce64(at[1], 1);
                    },
                    (cpu, at, r) -> {
                        r[0] = cpu.readOnce64(at[1]);
                        cpu.smpRmb(RMB);
                        r[1] = cpu.readOnce64(at[0]);
                    }
                };
            case "release" ->
                new EveryOrder.Program[] {
                    (cpu, at, r) -> {
                        cpu.writeOnce64(at[0], 1);
                        cpu.storeRelease64(at[1], 1, RELEASE);
                    },
                    (cpu, at, r) -> {
                        r[0] = cpu.loadAcquire64(at[1], ACQUIRE);
                        r[1] = cpu.readOnce64(at[0]);
                    }
                };
            case "xchg" ->
                new EveryOrder.Program[] {
                    (cpu, at, r) -> {
                        cpu.writeOnce64(at[0], 1);
                        cpu.xchg64(at[1], 1, RELEASE);
                    },
                    (cpu, at, r) -> {
                        r[0] = cpu.xchg64(at[1], 2, ACQUIRE);
                        r[1] = cpu.readOnce64(at[0]);
                    }
                };
            default ->
                new EveryOrder.Program[] {
                    (cpu, at, r) -> {
                        cpu.writeOnce64(at[0], 1);
                        cpu.xchg64(at[1], 1, Order.RELAXED);
                    },
                    (cpu, at, r) -> {
                        r[0] = cpu.readOnce64(at[1]);
                        r[1] = cpu.readOnce64(at[0]);
                    }
                };
        };
    }

    @ParameterizedTest
    @MethodSource("kemu.hw.cache.MemoryModel#builtIn")
    void shouldDelayStoresAndLoadsAsTheModelSays(MemoryModel model) {
        try (EveryOrder orders = new EveryOrder(model, FAR, 0)) {
            assertEquals(model != MemoryModel.SC, orders.shows(BOTH_OLD, storeBuffering(false)));
            assertFalse(orders.shows(BOTH_OLD, storeBuffering(true)));
            boolean weak = model == MemoryModel.WEAK || model == MemoryModel.ALPHA;
            assertEquals(weak, orders.shows(FLAG_WITHOUT_DATA, messagePassing("none")));
            for (String how : new String[] {"fences", "release", "xchg"}) {
                assertFalse(orders.shows(FLAG_WITHOUT_DATA, messagePassing(how)), how);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kemu.hw.cache.MemoryModel#builtIn")
    void shouldShowNoMoreWhenWordsAreNeighbours(MemoryModel model) {
        try (EveryOrder near = new EveryOrder(model, NEAR, 0);
                EveryOrder far = new EveryOrder(model, FAR, 0)) {
            for (String how : new String[] {"none", "fences", "release", "xchg"}) {
                assertTrue(
                        far.shows(FLAG_WITHOUT_DATA, messagePassing(how))
                                || !near.shows(FLAG_WITHOUT_DATA, messagePassing(how)),
                        how);
            }
            assertFalse(near.shows(BOTH_OLD, storeBuffering(true)));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "fences, every.order.WMB, weak",
        "fences, every.order.RMB, weak",
        "mb, every.order.MB, tso",
        "mb, every.order.MB, weak",
        "release, every.order:acquire, weak",
        "release, every.order:release, weak",
        "xchg, every.order:acquire, weak",
        "xchg, every.order:release, weak",
    })
    void shouldShowForbiddenOutcomeWhenBarrierIsWeakened(String how, String barrier, String model) {
        int id = Barriers.names().indexOf(barrier);
        assertTrue(id > 0, barrier);
        try (EveryOrder orders = new EveryOrder(MemoryModel.byName(model), FAR, id)) {
            assertTrue(
                    how.equals("mb")
                            ? orders.shows(BOTH_OLD, storeBuffering(true))
                            : orders.shows(FLAG_WITHOUT_DATA, messagePassing(how)));
        }
    }

    @Test
    void shouldReachBothOrdersOfTwoStores() {
        EveryOrder.Program one = (cpu, at, r) -> cpu.writeOnce64(at[0], 1);
        EveryOrder.Program two = (cpu, at, r) -> cpu.writeOnce64(at[0], 2);
        try (EveryOrder orders = new EveryOrder(MemoryModel.SC, FAR, 0)) {
            assertTrue(orders.shows((r, words) -> words[0] == 1, one, two));
            assertTrue(orders.shows((r, words) -> words[0] == 2, one, two));
            assertFalse(orders.shows((r, words) -> words[0] == 0, one, two));
        }
    }
}
