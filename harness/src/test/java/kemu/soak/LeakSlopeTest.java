package kemu.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintStream;
import java.util.List;
import java.util.Set;
import kemu.report.RunReport;
import kemu.trace.Traces;
import kemu.workload.Kbuild;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A run that leaks on purpose is convicted of it with a figure, and one that does not is not. */
class LeakSlopeTest {
    private static final String PROPERTY = "kemu.leak";
    private static final PrintStream QUIET = new PrintStream(PrintStream.nullOutputStream());

    @AfterEach
    void leakNothing() {
        System.clearProperty(PROPERTY);
    }

    private static RunReport run(String leak) throws Exception {
        System.setProperty(PROPERTY, leak);
        RunConfig config = new RunConfig(
                "kbuild",
                2,
                256L << 20,
                64L << 20,
                1,
                "root-recheck",
                "mmap-sem",
                "with-barrier",
                0,
                "off",
                0,
                "never",
                false,
                0,
                "ticket",
                true,
                "sched",
                false,
                30_000,
                Set.of(),
                Measured.LATENCIES,
                List.of(),
                null);
        return new RunSession(config, QUIET)
                .run((kernel, counts) -> new Kbuild(kernel, counts, Traces.bundled(), 1, 0, false, false));
    }

    private static String leaks(RunReport report) {
        return report.notes().stream()
                .filter(note -> note.startsWith("leak: "))
                .toList()
                .toString();
    }

    @Test
    void shouldConvictALeakOfPages() throws Exception {
        RunReport report = run("pages/300");
        assertTrue(leaks(report).startsWith("[leak: pages grow by "), report::text);
        assertTrue((double) report.value("pages_per_h") > 0, report::text);
    }

    @Test
    void shouldConvictNobodyOtherwise() throws Exception {
        RunReport report = run("none/300");
        assertEquals("[]", leaks(report), report::text);
        assertTrue(String.valueOf(report.value("slopes_judged")).contains("pages"), report::text);
    }
}
