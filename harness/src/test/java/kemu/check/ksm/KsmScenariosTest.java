package kemu.check.ksm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.Stream;
import kemu.check.Cells;
import kemu.check.Check;
import kemu.check.Expected;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import kemu.hw.explore.Result.Verdict;
import kemu.mm.ksm.rules.KsmRuleSets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class KsmScenariosTest {
    private static final long ENOUGH = 20_000;

    static Stream<Arguments> cells() {
        return KsmScenarios.ALL.stream()
                .flatMap(one -> one.variants().stream().map(variant -> Arguments.of(one, variant)));
    }

    @ParameterizedTest
    @MethodSource("cells")
    void shouldFindWhatIsExpectedWithinTwoDeviationsOnSc(Scenario scenario, String variant) {
        explore(scenario, variant, MemoryModel.SC, scenario.coverable() ? 2 : 1);
    }

    /** Of those in which one task runs, no order of stores says anything; others are too long there. */
    static Stream<Arguments> races() {
        return cells().filter(cell -> {
            Scenario one = (Scenario) cell.get()[0];
            String variant = (String) cell.get()[1];
            // Between the count and the flush, or while the lock is waited for: that takes two switches.
            boolean two = variant.equals("counted-first") || variant.equals("reuse-not-asked");
            return one.cpus() > 1 && one.coverable() && !(one instanceof PinnedChild) && !two;
        });
    }

    @ParameterizedTest
    @MethodSource("races")
    void shouldFindWhatIsExpectedWithinOneDeviationOnTso(Scenario scenario, String variant) {
        explore(scenario, variant, MemoryModel.TSO, 1);
    }

    private static void explore(Scenario scenario, String variant, MemoryModel model, int deviations) {
        try (Check check = new Check(Subject.of(scenario.name(), variant, model))) {
            Result result = check.exploreWithin(deviations, ENOUGH, () -> 1);
            if (scenario.coverable() || Expected.of(check.subject()).verdict() == Verdict.FAIL) {
                Cells.assertAsExpected(check.subject(), result);
            } else {
                assertEquals(Verdict.UNKNOWN, result.verdict(), () -> String.valueOf(result.failure()));
            }
        }
    }

    static Stream<String> knownBad() {
        return Arrays.stream(KsmRuleSets.names())
                .filter(name -> !name.equals(KsmRuleSets.CURRENT) && !name.equals("sets-mapping-anew"));
    }

    @ParameterizedTest
    @MethodSource("knownBad")
    void shouldHaveAScenarioForEveryRuleThatIsBroken(String name) {
        assertTrue(
                KsmScenarios.ALL.stream()
                        .filter(one -> one.variants().contains(name))
                        .anyMatch(one -> Expected.of(Subject.of(one.name(), name, MemoryModel.SC))
                                        .verdict()
                                == Verdict.FAIL),
                name);
    }
}
