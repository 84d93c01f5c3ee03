package kemu.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.RunnerException;

class BenchmarksTest {
    @Test
    void shouldRunEveryBenchmarkBesideItsPeer() throws RunnerException {
        for (String name : Benchmarks.names()) {
            Benchmarks.Row row = Benchmarks.run(name, true);
            assertEquals(name, row.name());
            assertTrue(row.nanos() > 0 && row.peerNanos() > 0, row.toString());
        }
    }
}
