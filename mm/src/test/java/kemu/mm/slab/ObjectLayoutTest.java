package kemu.mm.slab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.mm.page.Page;
import kemu.rcu.RcuHead;
import kemu.rcu.list.ListHead;
import org.junit.jupiter.api.Test;

class ObjectLayoutTest {
    private static final long SLAB = 0x10000;

    @Test
    void shouldRecogniseObjectsWhateverTheirSize() {
        for (int size = 8; size < 30_000; size += 8) {
            ObjectLayout layout = ObjectLayout.of(size, 0, size % 16 == 0, 0);
            assertTrue(layout.objects() > 0);
            for (int slot = 0; slot < layout.objects(); slot++) {
                long object = SLAB + (long) slot * layout.slotSize();
                assertTrue(layout.isObject(object));
                assertEquals(slot, layout.slotOf(object + layout.slotSize() - 8));
                assertFalse(layout.isObject(object + 8) && layout.slotSize() != 8);
            }
            long tail = SLAB + (long) layout.objects() * layout.slotSize();
            assertTrue(layout.slabOf(tail) != SLAB || !layout.isObject(tail), "the tail is no object");
        }
    }

    @Test
    void shouldKeepFreePointerOutsideObjectOnlyWhenTypeStable() {
        ObjectLayout stable = ObjectLayout.of(100, 0, true, 0);
        assertEquals(104, stable.stateOffset());
        assertEquals(112, stable.freePointerOffset());
        ObjectLayout plain = ObjectLayout.of(100, 0, false, 0);
        assertEquals(0, plain.freePointerOffset());
        assertEquals(128, ObjectLayout.of(100, 64, false, 0).slotSize());
    }

    @Test
    void shouldUseSingleFramesForAllButLargeObjects() {
        for (int size = 8; size <= 1000; size += 8) {
            assertEquals(0, ObjectLayout.of(size, 0, true, 0).order(), "size " + size);
        }
        assertEquals(3, ObjectLayout.of(32_000, 0, false, 0).order());
        assertThrows(IllegalArgumentException.class, () -> ObjectLayout.of(33_000, 0, false, 0));
    }

    @Test
    void shouldFitRcuHeadIntoTheListLinkItReplaces() {
        assertEquals(64, Page.LAYOUT.sizeBytes());
        assertTrue(RcuHead.LAYOUT.sizeBytes() <= ListHead.LAYOUT.sizeBytes());
    }
}
