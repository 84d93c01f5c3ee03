package kemu.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.RunnerException;

class BenchmarksTest {
    @Test
    void shouldRunEveryBenchmarkBesideItsPeer() throws RunnerException {
        List<Benchmarks.Row> rows = Benchmarks.run(Benchmarks.names(), true);
        assertEquals(Benchmarks.names(), rows.stream().map(Benchmarks.Row::name).toList());
        for (Benchmarks.Row row : rows) {
            assertTrue(row.nanos() > 0 && row.peerNanos() > 0, row.toString());
        }
    }
}
