package kemu.litmus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kemu.litmus.axiom.Search;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Small tests of kinds that users write, with argued verdicts, where they lie beside the repository. */
final class KindsTest {
    private static Path folder() {
        Path root = Path.of("").toAbsolutePath();
        while (root != null && !Files.exists(root.resolve("kemu"))) {
            root = root.getParent();
        }
        Path kinds = root == null ? null : root.resolveSibling("shared").resolve("litmus/kinds");
        Assumptions.assumeTrue(kinds != null && Files.isDirectory(kinds), "../shared/litmus/kinds is not here");
        return kinds;
    }

    @Test
    void shouldAgreeWithArguedVerdictsAndRefuseWhatIsNoPartOfTheModel() throws Exception {
        Path kinds = folder();
        LitmusReport report = new LitmusReport(List.of(Model.LKMM), Verdicts.read(kinds.resolve("expected.csv")));
        List<String> refused = new ArrayList<>();
        new LitmusRunner(List.of(Model.LKMM), m -> new Search(m, Search.DEFAULT_LIMIT, Search.DEFAULT_UNROLL), 2)
                .run(LitmusFiles.find(List.of(kinds)), result -> {
                    report.add(result);
                    if (result.problem() != null) {
                        refused.add(result.problem().replaceFirst("^.*/", ""));
                    }
                });
        assertEquals(List.of("K-memb-1.litmus:12: unsupported: smp_memb"), refused);
        assertEquals(11, report.count(Verdicts.Standing.AGREE), report.summary(0));
        assertTrue(report.summary(0).contains(" races=2 "), report.summary(0));
    }
}
