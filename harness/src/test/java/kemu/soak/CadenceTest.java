package kemu.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Intervals are short at first, and a log of latencies stays small however long a run is. */
class CadenceTest {
    /** What an interval of a soak with reclaim takes, and more: 22 operations at 700 bytes. */
    private static final long BYTES_PER_INTERVAL = 15_400;

    private static final long POLL_MILLIS = 200;
    private static final long HOUR_MILLIS = 3_600_000;

    @Test
    void shouldBeShortAtFirst() {
        Cadence cadence = new Cadence();
        int counters = 0;
        int latencies = 0;
        for (long now = 0; now <= 60_000; now += POLL_MILLIS) {
            counters += cadence.counters(now) ? 1 : 0;
            latencies += cadence.latencies(now, 0) ? 1 : 0;
        }
        assertEquals(60, counters);
        assertEquals(60, latencies);
    }

    @Test
    void shouldKeepTheLogOf52HoursBelow50Megabytes() {
        Cadence cadence = new Cadence();
        long bytes = 0;
        long last = 0;
        long longest = 0;
        for (long now = 0; now <= 52 * HOUR_MILLIS; now += POLL_MILLIS) {
            if (cadence.latencies(now, bytes)) {
                bytes += BYTES_PER_INTERVAL;
                longest = Math.max(longest, now - last);
                last = now;
            }
        }
        assertTrue(bytes < 50_000_000, bytes + " bytes");
        assertTrue(longest < HOUR_MILLIS / 4, longest + " ms without a record");
    }

    @Test
    void shouldWriteCountersEveryTenSecondsAllTheTime() {
        Cadence cadence = new Cadence();
        long last = 0;
        for (long now = 0; now <= HOUR_MILLIS; now += POLL_MILLIS) {
            if (cadence.counters(now)) {
                assertTrue(now - last <= 10_000 + POLL_MILLIS, now + " ms");
                last = now;
            }
        }
    }
}
