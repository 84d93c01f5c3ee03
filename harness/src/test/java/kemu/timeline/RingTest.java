package kemu.timeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RingTest {
    private final Ring ring = new Ring(8);

    private List<Ring.Kept> kept() {
        List<Ring.Kept> all = new ArrayList<>();
        ring.read(all::add);
        return all;
    }

    private void put(int number) {
        ring.put(1_000 + number, RecordKind.HELD, 0xfff_fff0 | number & 15, (1 << 30) - 1 - number, -number, number);
    }

    private static Ring.Kept expected(int number) {
        return new Ring.Kept(
                1_000 + number, RecordKind.HELD, 0xfff_fff0 | number & 15, (1 << 30) - 1 - number, -number, number);
    }

    @Test
    void shouldGiveBackWhatWasPut() {
        for (int i = 0; i < 8; i++) {
            put(i);
        }
        assertEquals(0, ring.completeFrom());
        assertEquals(8, kept().size());
        for (int i = 0; i < 8; i++) {
            assertEquals(expected(i), kept().get(i));
        }
    }

    @Test
    void shouldKeepTheLastAndSaySinceWhen() {
        for (int i = 0; i < 21; i++) {
            put(i);
        }
        assertEquals(1_013, ring.completeFrom());
        assertEquals(
                List.of(13, 14, 15, 16, 17, 18, 19, 20),
                kept().stream().map(one -> (int) one.more()).toList());
        ring.freeze();
        put(21);
        assertEquals(expected(20), kept().getLast());
    }
}
