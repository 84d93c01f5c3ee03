package kemu.litmus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kemu.litmus.axiom.Search;
import kemu.report.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One bad or heavy test among many must cost neither the others nor the memory. */
final class RobustnessTest {
    private static final String GOOD = "C good\n{}\nP0(int *x) { WRITE_ONCE(*x, 1); }\nexists (x=1)\n";

    private static List<LitmusResult> run(List<Path> files, LitmusEngine engine) throws InterruptedException {
        List<LitmusResult> results = new ArrayList<>();
        new LitmusRunner(List.of(Model.LKMM), model -> engine, 2).run(files, results::add);
        return results;
    }

    private static Path write(Path dir, String name, byte[] text) throws IOException {
        return Files.write(dir.resolve(name), text);
    }

    @Test
    void shouldCountAnInternalErrorWhenOneTestBreaksTheEngine(@TempDir Path dir)
            throws IOException, InterruptedException {
        Path bad = write(dir, "bad.litmus", GOOD.replace("C good", "C bad").getBytes(StandardCharsets.UTF_8));
        Path good = write(dir, "good.litmus", GOOD.getBytes(StandardCharsets.UTF_8));
        Search search = new Search(Model.LKMM, Search.DEFAULT_LIMIT, Search.DEFAULT_UNROLL);
        List<LitmusResult> results = run(List.of(bad, good, bad), test -> {
            if (test.name().equals("bad")) {
                throw new ArrayIndexOutOfBoundsException("17");
            }
            return search.run(test);
        });
        LitmusReport report = new LitmusReport(List.of(Model.LKMM), Verdicts.none());
        results.forEach(report::add);
        assertTrue(
                results.get(0).problem().startsWith(bad + ":1: internal error: "),
                results.get(0).problem());
        assertEquals("Always", results.get(1).outcomes().get(Model.LKMM).observation());
        assertTrue(report.summary(1).contains(" unsupported=0 errors=2 "), report.summary(1));
        assertEquals(Verdict.UNKNOWN, report.verdict());
    }

    @Test
    void shouldSayOneLineWhenAFileIsNoTest(@TempDir Path dir) throws IOException, InterruptedException {
        Map<String, String> files = Map.of(
                "empty.litmus", "",
                "other.litmus", "X86 SB\n{ x=0; }\n P0 | P1 ;\n MOV [x],$1 | MOV [y],$1 ;\nexists (0:EAX=0)\n",
                "half.litmus", "C half\n{}\nP0(int *x)\n{\n WRITE_ONCE(*x, 1",
                "huge.litmus",
                        "C h\n{ int a[99999999999]; }\n"
                                + "P0(int *a) { WRITE_ONCE(a[1], 1); }\nexists (a[9999999999]=1)\n");
        for (Map.Entry<String, String> one : files.entrySet()) {
            Path file = write(dir, one.getKey(), one.getValue().getBytes(StandardCharsets.UTF_8));
            String problem = run(List.of(file), null).get(0).problem();
            assertTrue(problem.startsWith(file + ":") && !problem.contains("\n"), problem);
            assertTrue(!problem.contains("internal error"), problem);
        }
    }

    @Test
    void shouldReadOldFilesWhenTheyAreNotUtf8(@TempDir Path dir) throws IOException, InterruptedException {
        byte[] text = GOOD.replace("{}", "(* Andr\u00e9 *) {}").getBytes(StandardCharsets.ISO_8859_1);
        Search search = new Search(Model.LKMM, Search.DEFAULT_LIMIT, Search.DEFAULT_UNROLL);
        assertEquals(
                null,
                run(List.of(write(dir, "old.litmus", text)), search).get(0).problem());
    }

    @Test
    void shouldBeUnknownWhenATestIsTooHeavyForTheLimit() {
        StringBuilder text = new StringBuilder("C heavy\n{}\n");
        for (int p = 0; p < 7; p++) {
            text.append("P")
                    .append(p)
                    .append("(int *x) { int r0 = READ_ONCE(*x); WRITE_ONCE(*x, ")
                    .append(p);
            text.append("); int r1 = READ_ONCE(*x); WRITE_ONCE(*x, 9); }\n");
        }
        text.append("exists (0:r0=12)\n");
        LitmusOutcome outcome = new Search(Model.LKMM, 50_000, Search.DEFAULT_UNROLL)
                .run(kemu.litmus.parse.LitmusParser.parse("heavy", text.toString()));
        assertEquals("Unknown", outcome.observation());
    }

    @Test
    void shouldJudgeRetriedCompareAndExchangeWhenFourProcessesTry() {
        StringBuilder text = new StringBuilder("C retry\n{}\n");
        for (int p = 0; p < 4; p++) {
            text.append("P").append(p).append("(int *x) { int r0 = READ_ONCE(*x); int r1 = cmpxchg(x, r0, r0 + 1);");
            text.append(" if (r1 != r0) { r0 = r1; r1 = cmpxchg(x, r0, r0 + 1); } }\n");
        }
        LitmusOutcome outcome = Litmus.lkmm(text + "exists (x=4)\n");
        assertEquals("Sometimes", outcome.observation());
        assertEquals(576, outcome.positive());
    }
}
