package kemu.bench;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.RunnerException;

class BenchmarksTest {
    @Test
    void shouldRunEveryBenchmarkBesideItsPeer() throws RunnerException {
        for (String name : Benchmarks.names()) {
            List<Benchmarks.Row> rows = Benchmarks.run(name, true);
            assertFalse(rows.isEmpty());
            for (Benchmarks.Row row : rows) {
                assertTrue(row.name().startsWith(name), row.name());
                assertTrue(row.nanos() > 0 && row.peerNanos() > 0, row.toString());
            }
        }
    }
}
