package kemu.litmus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kemu.litmus.axiom.Search;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The kernel's own tests against what herd7 says of them. */
final class KernelTestsTest {
    private static final Path FOLDER = folder();

    private static Path folder() {
        Path at = Path.of("").toAbsolutePath();
        while (at != null
                && !Files.isDirectory(at.resolve("../shared/litmus/linux-6.1").normalize())) {
            at = at.getParent();
        }
        return at == null ? null : at.resolve("../shared/litmus/linux-6.1").normalize();
    }

    private static LitmusReport run(List<Model> models) throws Exception {
        Assumptions.assumeTrue(FOLDER != null, "../shared/litmus/linux-6.1 is not here");
        LitmusReport report = new LitmusReport(models, Verdicts.read(FOLDER.resolve("expected.csv")));
        LitmusRunner runner =
                new LitmusRunner(models, model -> new Search(model, Search.DEFAULT_LIMIT, Search.DEFAULT_UNROLL), 2);
        List<String> wrong = new ArrayList<>();
        runner.run(LitmusFiles.find(List.of(FOLDER)), result -> {
            report.add(result);
            if (result.problem() != null) {
                wrong.add(result.problem());
            }
        });
        assertEquals(List.of(), wrong);
        return report;
    }

    @Test
    void shouldAgreeWithHerdInVerdictAndStatesUnderBothModelsOfTheKernel() throws Exception {
        LitmusReport report = run(List.of(Model.LKMM, Model.LKMM_6_1));
        assertEquals(2 * 34, report.count(Verdicts.Standing.AGREE), report.summary(0));
    }

    @Test
    void shouldNeverShowWhatLkmmForbids() throws Exception {
        LitmusReport report = run(List.of(Model.SC, Model.TSO, Model.WEAK));
        assertEquals(0, report.count(Verdicts.Standing.UNSOUND), report.summary(0));
        assertEquals(3 * 34, report.count(Verdicts.Standing.AGREE) + report.count(Verdicts.Standing.STRONGER));
    }
}
