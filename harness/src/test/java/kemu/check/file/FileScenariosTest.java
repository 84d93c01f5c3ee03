package kemu.check.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Stream;
import kemu.check.Cells;
import kemu.check.Check;
import kemu.check.Expected;
import kemu.check.Judgement;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import kemu.hw.explore.Result.Verdict;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FileScenariosTest {
    private static final long ENOUGH = 30_000;
    private static final int DRAWN = 300;

    static Stream<Arguments> cells() {
        return FileScenarios.ALL.stream()
                .flatMap(one -> one.variants().stream().map(variant -> Arguments.of(one, variant)));
    }

    @ParameterizedTest
    @MethodSource("cells")
    void shouldFindWhatIsExpectedWithinAFewDeviationsOnScAndTso(Scenario scenario, String variant) {
        for (MemoryModel model : new MemoryModel[] {MemoryModel.SC, MemoryModel.TSO}) {
            // As many as convict every rule that is known to be bad.
            try (Check check = new Check(Subject.of(scenario.name(), variant, model))) {
                Cells.assertAsExpected(check.subject(), check.exploreWithin(1, ENOUGH, () -> 1));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cells")
    void shouldNotConvictTheKernelsRulesOnWeak(Scenario scenario, String variant) {
        Subject subject = Subject.of(scenario.name(), variant, MemoryModel.WEAK);
        if (Expected.of(subject).verdict() == Verdict.PASS) {
            try (Check check = new Check(subject)) {
                Result result = check.explore("random", 1, DRAWN, () -> 1);
                assertEquals(Verdict.UNKNOWN, Judgement.of(subject, result).verdict(), () -> "" + result.failure());
            }
        }
    }
}
