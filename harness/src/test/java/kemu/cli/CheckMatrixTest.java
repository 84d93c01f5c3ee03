package kemu.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import kemu.check.Check;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;

/** The matrix: kinds expected and found, what does not apply, and its files. */
class CheckMatrixTest {
    @TempDir
    private Path dir;

    private record Ran(int code, String out) {
        String line(String scenario, String variant) {
            return out.lines()
                    .filter(line -> line.matches(scenario + " +" + variant + " .*"))
                    .findFirst()
                    .orElse("");
        }
    }

    private Ran matrix(String out, Subject... subjects) {
        return matrix(out, "exhaustive", 20_000, subjects);
    }

    private Ran matrix(String out, String search, long most, Subject... subjects) {
        return matrix(out, search, most, 2, subjects);
    }

    private Ran matrix(String out, String search, long most, int threads, Subject... subjects) {
        PrintStream before = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            MatrixFiles files = new MatrixFiles(dir.resolve(out), null, null, List.of("check", "all"));
            int code = new CheckMatrix(
                            "all", "sc", search, 1, 60_000, check -> explore(check, search, most), files, threads)
                    .print(List.of(subjects));
            return new Ran(code, bytes.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(before);
        }
    }

    private static Result explore(Check check, String search, long most) {
        return check.explore(search, 1, most, () -> 1);
    }

    private static Subject sc(String scenario, String variant) {
        return Subject.of(scenario, variant, MemoryModel.SC);
    }

    @Test
    void shouldPrintKindsExpectedAndFound() {
        Ran ran = matrix(
                "a",
                sc("rmap-no-pageref", "without"),
                sc("rmap-no-pageref", "with"),
                sc("rcu-barrier", "kernel"),
                sc("slab-quarantine", "delayed"));
        assertEquals(0, ran.code, ran.out);
        assertTrue(
                ran.line("rmap-no-pageref", "without").matches(".*expected FAIL rmap-i6 +found FAIL rmap-i6 .*"),
                ran.out);
        assertTrue(ran.line("rcu-barrier", "kernel").contains("not applicable: a task waits in a loop"), ran.out);
        assertTrue(ran.line("slab-quarantine", "delayed").contains("coverage loss"), ran.out);
        String took = ".* \\d+ executions +\\d+\\.\\d{3} s.*";
        assertTrue(ran.line("rmap-no-pageref", "without").matches(took), ran.out);
        assertTrue(
                ran.out.contains("verdict=PASS cells=3 differ=0 unknown=0 kinds_differ=0 broken=0 not_applicable=1"
                        + " interrupted=false elapsed_s="),
                ran.out);
    }

    @Test
    void shouldKeepAScheduleOfEveryCellThatDiffersAndReplayIt() throws Exception {
        // A spinlock that releases nothing: what holds must fail.
        Subject weak = new Subject("lock-spin", "kernel", "ticket", MemoryModel.WEAK, List.of("ticket.UNLOCK:release"));
        Ran ran = matrix("a", "random", 2_000, weak);
        assertTrue(ran.line("lock-spin", "kernel").contains("expected -"), ran.out);
        Path schedule = dir.resolve("a/cells/lock-spin/kernel/schedule.kemu");
        assertTrue(Files.isRegularFile(schedule), ran.out);
        assertTrue(Files.readString(dir.resolve("a/check.json")).contains("cells/lock-spin/kernel/schedule.kemu"));
        // The next run owns the directory.
        matrix("a", sc("rmap-no-pageref", "with"));
        assertFalse(Files.exists(schedule));
    }

    @Test
    void shouldWriteJsonJunitAndHtmlThatAreTheSameForTheSameSeed() throws Exception {
        for (String out : new String[] {"a", "b"}) {
            matrix(out, sc("rmap-no-pageref", "without"), sc("rcu-barrier", "kernel"));
        }
        for (String file : new String[] {"check.json", "junit.xml", "report.html"}) {
            assertArrayEquals(
                    Files.readAllBytes(dir.resolve("a").resolve(file)),
                    Files.readAllBytes(dir.resolve("b").resolve(file)),
                    file);
        }
        Element suites = suites(dir.resolve("a/junit.xml"));
        assertEquals("2", suites.getAttribute("tests"));
        assertEquals("0", suites.getAttribute("failures"));
        assertEquals("1", suites.getAttribute("skipped"));
        assertEquals(2, suites.getElementsByTagName("testcase").getLength());
        String html = Files.readString(dir.resolve("a/report.html"));
        assertTrue(html.contains("FAIL rmap-i6") && html.contains("prefers-color-scheme:dark"), html);
        assertFalse(html.contains("http"), "needs the network");
    }

    @Test
    void shouldPrintAndWriteTheSameOnAnyNumberOfThreads() throws Exception {
        Subject[] cells = {
            sc("rmap-hang-child", "root-recheck"),
            sc("rmap-no-pageref", "without"),
            sc("slab-same-life", "pin-only"),
            sc("rcu-barrier", "kernel"),
            sc("rmap-no-pageref", "with")
        };
        Ran one = matrix("one", "exhaustive", 20_000, 1, cells);
        Ran four = matrix("four", "exhaustive", 20_000, 4, cells);
        assertEquals(timeless(one.out), timeless(four.out));
        assertTrue(one.out.contains("verdict=PASS cells=4 "), one.out);
        for (String file : new String[] {"check.json", "junit.xml", "report.html"}) {
            assertArrayEquals(
                    Files.readAllBytes(dir.resolve("one").resolve(file)),
                    Files.readAllBytes(dir.resolve("four").resolve(file)),
                    file);
        }
    }

    private static String timeless(String out) {
        return out.replaceAll(" +\\d+\\.\\d{3} s", "").replaceAll("elapsed_s=\\S+", "");
    }

    private static Element suites(Path file) throws IOException, SAXException, ParserConfigurationException {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(file.toFile())
                .getDocumentElement();
    }

    @Test
    void shouldNotRunWhatDoesNotApplyWithLateReuseAndSayWhatThatHides() {
        Ran ran = matrix(
                "a",
                sc("rmap-stale-ok", "local-lock").withSlabReuse("delayed"),
                sc("slab-objrcu", "fast").withSlabReuse("delayed"),
                sc("slab-page-recycle", "no-typesafe").withSlabReuse("object-rcu"),
                sc("slab-same-life", "pin-only").withSlabReuse("delayed"),
                sc("rmap-no-pageref", "without").withSlabReuse("delayed"));
        assertEquals(0, ran.code, ran.out);
        assertTrue(ran.line("rmap-stale-ok", "local-lock").contains("not applicable: the owner's anon_vma"), ran.out);
        assertTrue(ran.line("slab-objrcu", "fast").contains("not applicable: its variants are"), ran.out);
        assertTrue(ran.line("slab-page-recycle", "no-typesafe").contains("found FAIL type-confusion"), ran.out);
        assertTrue(ran.line("slab-same-life", "pin-only").contains("found PASS"), ran.out);
        assertTrue(ran.line("slab-same-life", "pin-only").contains("coverage loss"), ran.out);
        assertTrue(ran.line("rmap-no-pageref", "without").contains("found FAIL rmap-i6"), ran.out);
    }
}
