package kemu.results;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import kemu.latency.Latencies;
import kemu.option.UsageException;
import kemu.report.page.RunPage;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run has left is read as far as it goes, however the run ended. */
class RunResultsTest {
    @TempDir
    private Path folder;

    private RunDirectory killed() throws IOException {
        return new RunDirectory(folder.resolve("run"))
                .counters(20)
                .latencies(20, 1, Map.of("fork", drawn -> 1000 + drawn, "fault_anon", drawn -> 500));
    }

    @Test
    void shouldReadARunThatWasKilled() throws IOException {
        RunResults run = RunResults.read(killed().folder());
        assertFalse(run.ended());
        assertEquals("kbuild", run.configuration().get("workload"));
        assertEquals(20, run.seconds());
        assertEquals(200, run.counters().last("pgfault"));
        OperationLatencies fork = run.latencies().operation("fork");
        assertEquals(2000, fork.total().getTotalCount());
        assertEquals(20, fork.intervals().size());
        assertEquals(100, fork.intervals().get(3).perSecond());
        assertEquals(2, run.latencies().operations().size(), "the sum without a tag is no operation");
    }

    @Test
    void shouldLeaveOutALastLineThatIsCutOff() throws IOException {
        Path run = killed().folder();
        for (String name : new String[] {RunResults.COUNTERS, RunResults.LATENCIES}) {
            String text = Files.readString(run.resolve(name));
            Files.writeString(run.resolve(name), text.substring(0, text.length() - 9));
        }
        RunResults cut = RunResults.read(run);
        assertEquals(19, cut.counters().size());
        assertEquals(
                19,
                cut.latencies().operation("fork").intervals().size()
                        + cut.latencies().operation("fault_anon").intervals().size()
                        - 20);
        assertEquals(1, cut.problems().size(), cut.problems()::toString);
    }

    @Test
    void shouldKeepWhatStandsBeforeDamage() throws IOException {
        Path run = killed().folder();
        Files.writeString(run.resolve(RunResults.COUNTERS), "\0\0\0\0\n", StandardOpenOption.APPEND);
        Files.writeString(run.resolve(RunResults.LATENCIES), "Tag=fork,1,2,3,nonsense\n", StandardOpenOption.APPEND);
        RunResults damaged = RunResults.read(run);
        assertEquals(20, damaged.counters().size());
        assertEquals(2000, damaged.latencies().operation("fork").total().getTotalCount());
        assertEquals(3, damaged.problems().size(), damaged.problems()::toString);
    }

    @Test
    void shouldRefuseWhatIsNoRun() throws IOException {
        Path empty = Files.createDirectories(folder.resolve("empty"));
        assertTrue(assertThrows(UsageException.class, () -> RunResults.read(empty))
                .getMessage()
                .contains("not the folder of a run"));
        Path litmus = Files.createDirectories(folder.resolve("litmus"));
        Files.writeString(litmus.resolve(RunResults.JSON), "{\"schema\":1,\"verb\":\"litmus\"}");
        assertTrue(assertThrows(UsageException.class, () -> RunResults.read(litmus))
                .getMessage()
                .contains("of kemu litmus"));
        Files.writeString(litmus.resolve(RunResults.JSON), "{\"schema\":99,\"verb\":\"run\"}");
        assertTrue(assertThrows(UsageException.class, () -> RunResults.read(litmus))
                .getMessage()
                .contains("newer kemu"));
        Files.writeString(litmus.resolve(RunResults.JSON), "{\"schema\":");
        assertTrue(assertThrows(UsageException.class, () -> RunResults.read(litmus))
                .getMessage()
                .contains("cannot be read"));
    }

    @Test
    void shouldDrawARunThatWasKilledWithItsEventsMarked() throws IOException {
        Path page = folder.resolve("report.html");
        RunPage.write(page, RunResults.read(killed().folder()));
        String html = Files.readString(page);
        assertTrue(html.contains("No verdict"));
        assertTrue(html.contains("1 killed by the OOM killer"));
        assertTrue(html.contains("aria-label=\"fork: latency by time\""));
        assertTrue(html.contains("prefers-color-scheme:dark"));
        assertFalse(html.contains("a picture is missing"));
        assertFalse(html.contains("http-equiv") || html.contains("src=\"http") || html.contains("href=\"http"));
        assertEquals(
                html.split("id=\"").length - 1,
                html.replaceAll("(?s).*?id=\"([^\"]*)\"|.*$", "$1\n")
                        .lines()
                        .filter(id -> !id.isEmpty())
                        .distinct()
                        .count(),
                "a name is used twice");
    }

    @Test
    void shouldKeepTheHeatMapSmallHoweverLongTheRunIs() {
        HeatMap heat = new HeatMap();
        Histogram histogram = Latencies.emptyHistogram();
        histogram.recordValue(5_000);
        for (int from = 0; from < 52 * 3600; from += 160) {
            heat.add(histogram, from, from + 160);
        }
        assertTrue(heat.columns() <= 120, () -> heat.columns() + " columns");
        for (int column = 0; column < heat.columns(); column++) {
            double sum = 0;
            for (int row = 0; row < heat.rows(); row++) {
                sum += heat.share(column, row);
            }
            assertEquals(1, sum, 1e-9, "column " + column + " has a gap");
        }
    }
}
