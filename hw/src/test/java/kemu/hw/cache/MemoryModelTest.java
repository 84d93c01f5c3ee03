package kemu.hw.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import kemu.hw.cache.model.Fence;
import kemu.hw.cache.model.MemoryModelProvider;
import kemu.hw.cache.model.StoreOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of memory models: found by name, told apart, and the strictest first; and what is no model. */
final class MemoryModelTest {
    @ParameterizedTest
    @MethodSource("kemu.hw.cache.MemoryModel#builtIn")
    void shouldBeFoundByNameAndDescribed(MemoryModel model) {
        assertSame(model, MemoryModel.byName(model.label()));
        assertTrue(MemoryModel.names().contains(model.label()));
        assertFalse(model.description().isBlank());
        assertEquals(model.label(), model.toString());
    }

    @Test
    void shouldNameAllModelsWhenNoneIsCalledThat() {
        String told = assertThrows(IllegalArgumentException.class, () -> MemoryModel.byName("pdp11"))
                .getMessage();
        assertEquals("model: pdp11 (allowed: " + String.join(", ", MemoryModel.names()) + ")", told);
    }

    @Test
    void shouldAllowNothingWhenStrictest() {
        MemoryModel first = MemoryModel.byName(MemoryModel.names().get(0));
        assertFalse(first.buffers() || first.reordersStores() || first.staleLoads() || !first.dependencies());
        HashSet<String> told = new HashSet<>();
        for (MemoryModel model : MemoryModel.builtIn()) {
            assertTrue(told.add(model.description()), "told like another: " + model);
        }
    }

    @Test
    void shouldCoverWhatNeitherReordersStoresNorReturnsOldValues() {
        List<MemoryModel> coverable =
                MemoryModel.builtIn().stream().filter(MemoryModel::coverable).toList();
        assertEquals(List.of(MemoryModel.SC, MemoryModel.TSO), coverable);
        assertFalse(MemoryModel.of(new Wrong("old-values")).coverable());
    }

    @Test
    void shouldBeEqualByName() {
        assertEquals(MemoryModel.of(new Wrong("old-values")), MemoryModel.of(new Wrong("old-values")));
        assertNotEquals(MemoryModel.SC, MemoryModel.TSO);
    }

    /** What is said of a model that cannot be one. */
    private static final class Wrong extends MemoryModelProvider {
        private final String what;

        Wrong(String what) {
            this.what = what;
        }

        @Override
        public String name() {
            return what.equals("name") ? "My Model" : "wrong";
        }

        @Override
        public String description() {
            return what.equals("description") ? " " : "none";
        }

        @Override
        public StoreOrder stores() {
            return switch (what) {
                case "no-order" -> null;
                case "unbuffered" -> StoreOrder.AT_ONCE;
                default -> StoreOrder.FIFO;
            };
        }

        @Override
        public int storeEntries() {
            return what.equals("stores") ? 17 : 16;
        }

        @Override
        public int staleEntries() {
            return what.equals("stale") ? 0 : 16;
        }

        @Override
        public boolean coalesces() {
            return what.equals("coalesces");
        }

        @Override
        public boolean staleLoads() {
            return true;
        }

        @Override
        public Fence writeFence() {
            return what.equals("fence") ? null : Fence.NOTHING;
        }

        @Override
        public Fence afterAcquire() {
            return what.equals("acquire") ? Fence.FULL : Fence.LOADS;
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "name|model My Model: name (allowed: small letters, digits, and dashes between them)",
                "description|model wrong: description (needed: half a line)",
                "no-order|model wrong: stores (needed)",
                "unbuffered|model wrong: staleLoads (allowed: with a store buffer)",
                "stores|model wrong: storeEntries: 17 (allowed: 1..16)",
                "stale|model wrong: staleEntries: 0 (allowed: 1..16)",
                "coalesces|model wrong: coalesces (allowed: with stores PER_WORD)",
                "fence|model wrong: fences (needed)",
                "acquire|model wrong: afterAcquire (allowed: what drains no stores)"
            })
    void shouldRefuseWhatDoesNotFitTogether(String what, String told) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> MemoryModel.of(new Wrong(what)));
        assertEquals(told, refused.getMessage());
    }
}
