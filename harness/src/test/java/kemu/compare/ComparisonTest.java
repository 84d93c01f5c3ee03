package kemu.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kemu.option.UsageException;
import kemu.results.JsonTree;
import kemu.results.RunDirectory;
import kemu.results.RunResults;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A difference counts where it is larger than the spread between intervals, and only there. */
class ComparisonTest {
    private static final String USUAL = "\"version\":\"1\",\"workload\":\"kbuild\",\"rcu\":\"sched\",\"seed\":1,";

    @TempDir
    private Path folder;

    private RunResults run(String name, String anonVma, int seconds, long seed, long nanos) throws IOException {
        return configured(
                name,
                USUAL + "\"anon_vma\":\"" + anonVma + "\",\"command\":[\"run\",\"kbuild\"]",
                seconds,
                seed,
                nanos);
    }

    private RunResults configured(String name, String configuration, int seconds, long seed, long nanos)
            throws IOException {
        return RunResults.read(new RunDirectory(folder.resolve(name))
                .configuration(configuration)
                .counters(seconds)
                .latencies(seconds, seed, Map.of("fork", drawn -> nanos + drawn))
                .folder());
    }

    /** One that waited for a lock {@code waits} times, 1 ms each; negative if it did not measure. */
    private RunResults locked(String name, String anonVma, int waits) throws IOException {
        RunDirectory run =
                new RunDirectory(folder.resolve(name)).counters(10).latencies(10, 1, Map.of("fork", drawn -> drawn));
        if (waits >= 0) {
            run.lock("anon_vma->lock", waits);
        }
        return RunResults.read(run.ended(
                        Map.of("version", "1", "workload", "kbuild", "anon_vma", anonVma, "command", List.of("run")), 1)
                .folder());
    }

    private static ComparedValue cell(Comparison all, Metric metric) {
        return all.rows().getFirst().cells().get(metric.ordinal()).get(1);
    }

    @Test
    void shouldNotTakeChanceForADifference() throws IOException {
        Comparison all =
                new Comparison(List.of(run("a", "root-recheck", 30, 1, 5000), run("b", "refcount", 30, 2, 5000)));
        assertEquals(List.of("root-recheck", "refcount"), all.names());
        assertEquals(27, cell(all, Metric.P50_NS).intervals(), "the first tenth is warm-up");
        assertTrue(all.compared().stream().noneMatch(ComparedValue::differs));
    }

    @Test
    void shouldMarkADifferenceThatIsLargerThanTheSpread() throws IOException {
        Comparison all =
                new Comparison(List.of(run("a", "root-recheck", 30, 1, 5000), run("b", "refcount", 30, 2, 6000)));
        assertTrue(cell(all, Metric.P50_NS).differs());
        assertEquals(18, cell(all, Metric.P50_NS).percent(), 3);
        assertFalse(cell(all, Metric.PER_S).differs(), "as many a second");
    }

    @Test
    void shouldSayThatTooFewIntervalsTellNothing() throws IOException {
        Comparison all =
                new Comparison(List.of(run("a", "root-recheck", 6, 1, 5000), run("b", "refcount", 6, 2, 9000)));
        assertTrue(cell(all, Metric.P50_NS).tooFew());
        assertFalse(cell(all, Metric.P50_NS).differs());
    }

    @Test
    void shouldRefuseRunsOfOtherWork() throws IOException {
        RunResults first = run("a", "root-recheck", 10, 1, 5000);
        String other = USUAL.replace("sched", "preempt") + "\"anon_vma\":\"refcount\",\"command\":[\"run\",\"kbuild\"]";
        refuses(first, configured("b", other, 10, 2, 5000), "rcu is preempt");
        refuses(
                first,
                configured("c", other.replace("preempt", "sched").replace("\"1\"", "\"2\""), 10, 2, 5000),
                "version is 2");
        String copies = USUAL + "\"anon_vma\":\"refcount\",\"command\":[\"run\",\"kbuild\",\"--copies\",\"4\"]";
        refuses(first, configured("d", copies, 10, 2, 5000), "command is");
        refuses(first, first, "given twice");
    }

    private static void refuses(RunResults first, RunResults second, String words) {
        String said = assertThrows(UsageException.class, () -> new Comparison(List.of(first, second)))
                .getMessage();
        assertTrue(said.contains(words), said);
        assertEquals(1, said.lines().count(), said);
    }

    @Test
    void shouldTellOptionsThatAreComparedFromOthers() throws IOException {
        String one = USUAL + "\"anon_vma\":\"a\",\"command\":[\"run\",\"kbuild\",\"--copies=2\",\"--anon-vma\",\"a\"]";
        String two = USUAL + "\"anon_vma\":\"b\",\"command\":[\"run\",\"kbuild\",\"--seed=7\",\"--copies\",\"2\","
                + "\"--anon-vma=b\"]";
        assertEquals(
                2,
                new Comparison(List.of(configured("a", one, 9, 1, 5000), configured("b", two, 9, 2, 5000)))
                        .runs()
                        .size());
    }

    @Test
    void shouldWriteJsonAndAPage() throws IOException {
        Comparison all =
                new Comparison(List.of(run("a", "root-recheck", 30, 1, 5000), run("b", "refcount", 30, 2, 6000)));
        CompareJson.write(folder.resolve("c.json"), all, List.of("compare"));
        Map<String, Object> json = JsonTree.object(Files.readString(folder.resolve("c.json")));
        Map<?, ?> fork = (Map<?, ?>) ((List<?>) json.get("operations")).getFirst();
        assertEquals(true, ((Map<?, ?>) ((List<?>) fork.get("p50_ns")).get(1)).get("differs"));
        ComparePage.write(folder.resolve("c.html"), all);
        String html = Files.readString(folder.resolve("c.html"));
        assertTrue(html.contains("<svg") && html.contains("Mann-Whitney") && html.contains("refcount"));
    }

    @Test
    void shouldCompareLocksWhereAllRunsMeasuredThem() throws IOException {
        RunResults first = locked("a", "root-recheck", 10);
        Comparison all = new Comparison(List.of(first, locked("b", "refcount", 20)));
        Comparison.Row lock = all.locks().getFirst();
        assertEquals("anon_vma->lock", lock.name());
        ComparedValue wait =
                lock.cells().get(LockMeasure.WAIT_NS_PER_S.ordinal()).get(1);
        assertEquals(2_000_000, wait.value(), "20 ms in 10 s");
        assertEquals(100, wait.percent());
        assertEquals(
                20,
                lock.cells().get(LockMeasure.CONTENDED_PERCENT.ordinal()).get(1).value());
        assertFalse(wait.differs(), "nothing was tested");
        CompareJson.write(folder.resolve("l.json"), all, List.of("compare"));
        assertTrue(JsonTree.object(Files.readString(folder.resolve("l.json"))).get("locks") instanceof List);
        ComparePage.write(folder.resolve("l.html"), all);
        assertTrue(Files.readString(folder.resolve("l.html")).contains("anon_vma-&gt;lock"));
        assertTrue(new Comparison(List.of(first, locked("c", "object-rcu", -1)))
                .locks()
                .isEmpty());
    }
}
