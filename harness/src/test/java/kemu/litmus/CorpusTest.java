package kemu.litmus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import kemu.litmus.axiom.Search;
import kemu.litmus.corpus.Cycles;
import org.junit.jupiter.api.Test;

/** Our own tests: the classics with verdicts argued by hand, and generated cycles. */
final class CorpusTest {
    @Test
    void shouldAgreeWithArguedVerdicts() throws Exception {
        Path csv = Path.of(CorpusTest.class.getResource("/litmus/expected.csv").toURI());
        LitmusReport report = new LitmusReport(List.of(Model.LKMM), Verdicts.read(csv));
        List<String> wrong = new ArrayList<>();
        List<Path> files = LitmusFiles.find(List.of(csv.getParent()));
        new LitmusRunner(List.of(Model.LKMM), m -> new Search(m, Search.DEFAULT_LIMIT, Search.DEFAULT_UNROLL), 2)
                .run(files, result -> {
                    report.add(result);
                    String row = report.row(result);
                    if (!row.contains(" agree")) {
                        wrong.add(result.problem() == null ? row : result.problem());
                    }
                });
        assertEquals(List.of(), wrong);
        assertEquals(Files.readAllLines(csv).size() - 1, files.size(), "every test has a verdict, and the reverse");
    }

    @Test
    void shouldContainEachModelInTheNextWhenCyclesAreGenerated() {
        assertTrue(checkChain(4) >= 2000);
    }

    private static int checkChain(int stride) {
        List<String> wrong = new ArrayList<>();
        Set<String> names = new HashSet<>();
        int count = Cycles.generate(stride, (name, text) -> {
            assertTrue(names.add(name), "two tests named " + name);
            Set<String> before = Set.of();
            for (Model model : Model.withAxioms()) {
                LitmusOutcome outcome = Litmus.run(model, text);
                Set<String> states = new HashSet<>(outcome.states());
                if (!outcome.complete() || !states.containsAll(before)) {
                    wrong.add(name + " " + model);
                }
                before = states;
            }
        });
        assertEquals(List.of(), wrong);
        return count;
    }
}
