package kemu.hw.cpu;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EventTest {
    /** What an event's object or detail is, not an event. */
    private static final Set<String> OBJECTS = Set.of("RCU_SYNCHRONIZE", "RCU_BARRIER", "MAY_MISS", "MUST_FIND");

    private static final Set<String> MODES = Set.of("READ", "TRY", "NEST", "SUBCLASS_SHIFT", "SUBCLASS_MASK");

    @Test
    void shouldHaveANumberOfItsOwn() throws IllegalAccessException {
        Map<Integer, String> seen = new HashMap<>();
        for (Field field : Event.class.getFields()) {
            if (!OBJECTS.contains(field.getName()) && !MODES.contains(field.getName())) {
                String other = seen.put(field.getInt(null), field.getName());
                assertNull(other, () -> field.getName() + " is " + other + " as well");
            }
        }
        assertTrue(seen.size() > 20, "events: " + seen);
    }
}
