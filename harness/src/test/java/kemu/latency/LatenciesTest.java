package kemu.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.host.HostPauses;
import kemu.hw.cpu.LatencySink;
import kemu.hw.cpu.Tags;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class LatenciesTest {
    private static final int TAG = Tags.tag("latencies_test");
    private static final long SLOW = 2 * SlowOperations.LEAST_NANOS;

    private static Histogram drained(Latencies latencies, int tag) {
        Histogram histogram = Latencies.emptyHistogram();
        latencies.drain(tag, histogram);
        return histogram;
    }

    @Test
    void shouldHoldSlowOperationsBackUntilPausesAreKnown() {
        Latencies latencies = new Latencies(2);
        HostPauses pauses = new HostPauses();
        latencies.sink(0).record(TAG, 1_000);
        latencies.sink(1).record(TAG, SLOW);
        latencies.settle(pauses::pausedBetween, pauses.known());
        assertEquals(1, drained(latencies, TAG).getTotalCount());
        latencies.settle(pauses::pausedBetween, Long.MAX_VALUE);
        Histogram slow = drained(latencies, TAG);
        assertEquals(1, slow.getTotalCount());
        assertTrue(slow.getMaxValue() >= SLOW);
        assertEquals(2, latencies.total(TAG).getTotalCount());
    }

    @Test
    void shouldLoseNothingWhenThereAreMoreThanAreHeldBack() {
        Latencies latencies = new Latencies(1);
        LatencySink sink = latencies.sink(0);
        for (int i = 0; i < 5_000; i++) {
            sink.record(TAG, SLOW);
        }
        latencies.settle(new HostPauses()::pausedBetween, Long.MAX_VALUE);
        assertEquals(5_000, drained(latencies, TAG).getTotalCount());
    }

    @Test
    void shouldKeepApartWhatAPauseIsToBlameFor() {
        Latencies latencies = new Latencies(1);
        LatencySink sink = latencies.sink(0);
        // One pause, somewhere in any time that is long enough for it.
        HostPauses.Watched pauses = (from, until) -> Math.min(SLOW, until - from);
        sink.record(TAG, SLOW);
        sink.record(TAG, 10 * SLOW);
        latencies.settle(pauses, Long.MAX_VALUE);
        assertEquals(1, drained(latencies, TAG).getTotalCount());
        Histogram paused = drained(latencies, Tags.tag("in_host_pause"));
        assertEquals(1, paused.getTotalCount());
        assertTrue(paused.getMaxValue() < 2 * SLOW);
    }
}
