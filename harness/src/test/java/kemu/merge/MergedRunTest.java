package kemu.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kemu.latency.Latencies;
import kemu.locks.LockFigures;
import kemu.option.UsageException;
import kemu.report.RunReport;
import kemu.report.Verdict;
import kemu.results.RunDirectory;
import kemu.results.RunResults;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that are added lose nothing. */
class MergedRunTest {
    @TempDir
    private Path folder;

    private RunResults run(String name, int seconds, long seed, boolean ended) throws IOException {
        Map<String, Object> asked = new LinkedHashMap<>();
        asked.put("version", "1");
        asked.put("command", List.of("run", "kbuild"));
        asked.put("workload", "kbuild");
        asked.put("anon_vma", "root-recheck");
        asked.put("seed", (int) seed);
        RunDirectory run = new RunDirectory(folder.resolve(name))
                .configuration("\"version\":\"1\",\"workload\":\"kbuild\",\"anon_vma\":\"root-recheck\",\"seed\":"
                        + seed + ",\"command\":[\"run\",\"kbuild\"]")
                .counters(seconds)
                .latencies(seconds, seed, Map.of("fork", drawn -> 1000 + drawn * drawn, "fault_anon", drawn -> drawn));
        return RunResults.read((ended ? run.ended(asked, 10 * seed) : run).folder());
    }

    private RunResults locked(String name, long seed, long waits) throws IOException {
        Map<String, Object> asked =
                Map.of("version", "1", "workload", "kbuild", "seed", (int) seed, "command", List.of("run", "kbuild"));
        return RunResults.read(new RunDirectory(folder.resolve(name))
                .counters(2)
                .latencies(2, seed, Map.of("fork", drawn -> drawn))
                .lock("zone->lock", waits)
                .ended(asked, 1)
                .folder());
    }

    private RunResults merged(RunResults... runs) throws IOException {
        Path out = Files.createDirectories(folder.resolve("merged"));
        new MergedRun(List.of(runs), List.of("merge")).write(out);
        return RunResults.read(out);
    }

    @Test
    void shouldAddHistogramsWithoutLoss() throws IOException {
        RunResults one = run("one", 12, 1, true);
        RunResults two = run("two", 7, 2, true);
        RunResults both = merged(one, two);
        for (String name : List.of("fork", "fault_anon")) {
            Histogram sum = Latencies.emptyHistogram();
            sum.add(one.latencies().operation(name).total());
            sum.add(two.latencies().operation(name).total());
            assertEquals(sum, both.latencies().operation(name).total());
            assertEquals(19, both.latencies().operation(name).intervals().size());
        }
        assertEquals(12, both.latencies().seconds());
        assertEquals("[1, 2]", String.valueOf(both.configuration().get("seeds")));
    }

    private RunResults asked(String name, long seed, long durationMillis, String anonVma) throws IOException {
        return RunResults.read(new RunDirectory(folder.resolve(name))
                .configuration("\"version\":\"1\",\"workload\":\"kbuild\",\"anon_vma\":\"" + anonVma + "\",\"seed\":"
                        + seed + ",\"duration_ms\":" + durationMillis + ",\"command\":[\"run\",\"kbuild\"]")
                .counters(3)
                .latencies(3, seed, Map.of("fork", drawn -> drawn))
                .folder());
    }

    @Test
    void shouldAddRunsOfDifferentLength() throws IOException {
        RunResults both =
                merged(asked("killed", 1, 600_000, "root-recheck"), asked("short", 2, 60_000, "root-recheck"));
        assertEquals(600, both.latencies().operation("fork").total().getTotalCount());
        assertEquals(600_000, ((Number) both.configuration().get("duration_ms")).longValue());
        RunResults other = asked("other", 2, 60_000, "refcount");
        UsageException refused =
                assertThrows(UsageException.class, () -> merged(asked("first", 1, 600_000, "root-recheck"), other));
        assertTrue(
                refused.getMessage().endsWith("(allowed: runs that differ in duration_ms, seed)"), refused::getMessage);
    }

    @Test
    void shouldSumCounters() throws IOException {
        RunResults both = merged(run("one", 12, 1, true), run("two", 7, 2, true));
        assertEquals(30, both.number("forks"));
        assertEquals(30L, ((Number) ((Map<?, ?>) both.json().get("counters")).get("pgfault")).longValue());
        assertEquals(190, both.counters().last("pgfault"));
        double[] faults = both.counters().values("pgfault");
        assertEquals(12, faults.length);
        assertEquals(2 * 10 * 5, faults[4], "both at five seconds");
        assertEquals(10 * 9 + 70, faults[8], "the second one is over");
        assertEquals("PASS", both.text("verdict"));
    }

    @Test
    void shouldAddLocksWithoutTheirPercentiles() throws IOException {
        List<LockFigures> both = LockFigures.all(
                merged(locked("one", 1, 3), locked("two", 2, 4)).json().get("locks"));
        assertEquals(1, both.size());
        assertEquals("zone->lock", both.getFirst().name());
        assertEquals(
                new LockFigures.Times(7, 7_000_000, LockFigures.UNKNOWN, LockFigures.UNKNOWN, 1_000_000),
                both.getFirst().waits());
        assertEquals(200, both.getFirst().holds().count());
    }

    @Test
    void shouldAddWhatAKilledRunRecorded() throws IOException {
        RunResults one = run("one", 5, 1, true);
        RunResults killed = run("two", 5, 2, false);
        Path out = Files.createDirectories(folder.resolve("merged"));
        RunReport report = new MergedRun(List.of(one, killed), List.of("merge")).write(out);
        assertEquals(Verdict.UNKNOWN, report.verdict());
        assertEquals("no-verdict", report.kind());
        assertEquals(
                1000, RunResults.read(out).latencies().operation("fork").total().getTotalCount());
        assertEquals(10, report.value("forks"), "the killed one has written down none");
        assertEquals(50L, report.value("faults"), "what its counters said last");
        assertEquals(1L, report.value("oom_kills"));
        Map<?, ?> counters = (Map<?, ?>) RunResults.read(out).json().get("counters");
        assertEquals(60L, ((Number) counters.get("pgfault")).longValue());
    }

    @Test
    void shouldMergeWhatIsMerged() throws IOException {
        RunResults both = merged(run("one", 4, 1, true), run("two", 4, 2, true));
        Path out = Files.createDirectories(folder.resolve("all"));
        new MergedRun(List.of(both, run("three", 4, 3, true)), List.of("merge")).write(out);
        RunResults all = RunResults.read(out);
        assertEquals("[1, 2, 3]", String.valueOf(all.configuration().get("seeds")));
        assertEquals(60, all.number("forks"));
        assertEquals(1200, all.latencies().operation("fork").total().getTotalCount());
    }

    @Test
    void shouldRefuseOtherStrategies() throws IOException {
        RunResults one = run("one", 4, 1, true);
        RunResults other = RunResults.read(new RunDirectory(folder.resolve("other"))
                .configuration("\"version\":\"1\",\"workload\":\"kbuild\",\"anon_vma\":\"refcount\",\"seed\":1,"
                        + "\"command\":[\"run\",\"kbuild\"]")
                .counters(3)
                .folder());
        String said = assertThrows(UsageException.class, () -> new MergedRun(List.of(one, other), List.of()))
                .getMessage();
        assertTrue(said.contains("anon_vma is refcount"), said);
    }
}
