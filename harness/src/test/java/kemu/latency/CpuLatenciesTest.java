package kemu.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

/** What is taken is what a histogram holds that has recorded the values itself. */
class CpuLatenciesTest {
    private final CpuLatencies counts = new CpuLatencies(2);

    private Histogram taken() {
        Histogram into = Latencies.emptyHistogram();
        counts.takeTo(1, into);
        return into;
    }

    @Test
    void shouldCountAsAHistogramDoes() {
        SplittableRandom random = new SplittableRandom(1);
        for (int interval = 0; interval < 20; interval++) {
            Histogram expected = Latencies.emptyHistogram();
            for (int i = 0; i < 5_000; i++) {
                long value = random.nextLong(1L + (Latencies.HIGHEST >>> random.nextInt(42)));
                counts.count(1, value);
                expected.recordValue(value);
            }
            assertSame(expected, taken());
        }
        assertSame(Latencies.emptyHistogram(), taken());
    }

    @Test
    void shouldCountTheBordersOfBuckets() {
        for (int bit = 0; bit < 42; bit++) {
            for (long value = (1L << bit) - 1; value <= (1L << bit) + 1; value++) {
                Histogram expected = Latencies.emptyHistogram();
                counts.count(1, Math.min(value, Latencies.HIGHEST));
                expected.recordValue(Math.min(value, Latencies.HIGHEST));
                assertSame(expected, taken());
            }
        }
        counts.count(1, Latencies.HIGHEST);
        assertEquals(1, taken().getCountAtValue(Latencies.HIGHEST));
    }

    /** Two threads, neither of which waits for the other. */
    @Test
    void shouldLoseNothing() throws InterruptedException {
        int values = 2_000_000;
        Thread recording = new Thread(() -> {
            for (int i = 0; i < values; i++) {
                counts.count(1, i % 1000);
            }
        });
        recording.start();
        Histogram all = Latencies.emptyHistogram();
        while (recording.isAlive()) {
            counts.takeTo(1, all);
        }
        recording.join();
        counts.takeTo(1, all);
        Histogram expected = Latencies.emptyHistogram();
        for (int i = 0; i < values; i++) {
            expected.recordValue(i % 1000);
        }
        assertSame(expected, all);
    }

    private static void assertSame(Histogram expected, Histogram found) {
        assertEquals(expected, found);
        assertEquals(expected.getTotalCount(), found.getTotalCount());
        assertEquals(expected.getMaxValue(), found.getMaxValue());
        assertEquals(expected.getMinNonZeroValue(), found.getMinNonZeroValue());
        assertEquals(expected.getMean(), found.getMean());
    }
}
