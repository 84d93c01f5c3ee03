package kemu.hw.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The table of memory models: found by name, told apart, and the strictest first. */
final class MemoryModelTest {
    @ParameterizedTest
    @EnumSource(MemoryModel.class)
    void shouldBeFoundByNameAndDescribed(MemoryModel model) {
        assertEquals(model, MemoryModel.byName(model.label()));
        assertTrue(MemoryModel.names().contains(model.label()));
        assertFalse(model.description().isBlank());
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
        for (MemoryModel model : MemoryModel.values()) {
            assertTrue(told.add(model.description()), "told like another: " + model);
        }
    }

    @ParameterizedTest
    @EnumSource(MemoryModel.class)
    void shouldBufferWhatItReorders(MemoryModel model) {
        assertTrue(model.buffers() || !model.reordersStores() && !model.staleLoads(), "reorders without buffers");
    }
}
