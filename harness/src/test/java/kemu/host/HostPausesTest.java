package kemu.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HostPausesTest {
    private static final long MILLI = 1_000_000;

    private final AtomicLong now = new AtomicLong(5);

    private void sleep(HostPauses pauses, long nanos) {
        now.addAndGet(nanos);
        pauses.woke();
    }

    @Test
    void shouldTellPausesFromSleep() {
        HostPauses pauses = new HostPauses(now::get);
        sleep(pauses, MILLI);
        sleep(pauses, 20 * MILLI);
        assertEquals(0, pauses.totals().count());
        sleep(pauses, 2_000 * MILLI);
        sleep(pauses, MILLI);
        sleep(pauses, 60 * MILLI);
        assertEquals(new HostPauses.Totals(2, 2_000 * MILLI, 2_060 * MILLI), pauses.totals());
        assertEquals(now.get(), pauses.known());
        List<HostPauses.Pause> news = pauses.news();
        assertEquals(
                List.of(2_000 * MILLI, 60 * MILLI),
                news.stream().map(HostPauses.Pause::nanos).toList());
        assertEquals(List.of(), pauses.news());
    }

    @Test
    void shouldSayHowMuchOfATimeWasPaused() {
        HostPauses pauses = new HostPauses(now::get);
        sleep(pauses, 100 * MILLI);
        sleep(pauses, MILLI);
        sleep(pauses, 200 * MILLI);
        assertEquals(300 * MILLI, pauses.pausedBetween(0, now.get()));
        assertEquals(50 * MILLI, pauses.pausedBetween(5 + 50 * MILLI, 5 + 101 * MILLI));
        assertEquals(0, pauses.pausedBetween(now.get(), now.get() + MILLI));
    }

    @Test
    void shouldKnowOfTimeThatPasses() throws InterruptedException {
        long began = System.nanoTime();
        try (HostPauses pauses = new HostPauses()) {
            pauses.start();
            // Ends: the thread wakes a thousand times a second.
            while (pauses.known() - began < 20 * MILLI) {
                Thread.sleep(1);
            }
            assertTrue(pauses.known() <= System.nanoTime());
        }
    }
}
