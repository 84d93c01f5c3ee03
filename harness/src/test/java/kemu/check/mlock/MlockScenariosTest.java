package kemu.check.mlock;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import kemu.check.Cells;
import kemu.check.Check;
import kemu.check.Expected;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result.Verdict;
import kemu.mm.mlock.MlockingProvider;
import kemu.mm.mlock.kind.Mlockings;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MlockScenariosTest {
    private static final long ENOUGH = 30_000;

    static Stream<Arguments> cells() {
        return MlockScenarios.ALL.stream()
                .filter(Scenario::coverable)
                .flatMap(one -> one.variants().stream().map(variant -> Arguments.of(one, variant)));
    }

    @ParameterizedTest
    @MethodSource("cells")
    void shouldFindWhatIsExpectedWithinTwoDeviationsOnSc(Scenario scenario, String variant) {
        explore(scenario, variant, MemoryModel.SC);
    }

    static Stream<Arguments> barriers() {
        return cells().filter(cell -> cell.get()[0] instanceof PutbackBarrier || cell.get()[0] instanceof ShmUnlock);
    }

    @ParameterizedTest
    @MethodSource("barriers")
    void shouldFindOnTsoAndWeakWhichBarrierIsNeeded(Scenario scenario, String variant) {
        explore(scenario, variant, MemoryModel.TSO);
        explore(scenario, variant, MemoryModel.WEAK);
    }

    private static void explore(Scenario scenario, String variant, MemoryModel model) {
        try (Check check = new Check(Subject.of(scenario.name(), variant, model))) {
            // Two copies of a page are many more steps; what is wrong with them shows within one deviation.
            int deviations = scenario.name().equals("mlock-trunc-write") ? 1 : 2;
            Cells.assertAsExpected(check.subject(), check.exploreWithin(deviations, ENOUGH, () -> 1));
        }
    }

    static Stream<String> knownBad() {
        return Mlockings.BUILT_IN.stream().filter(MlockingProvider::knownBad).map(MlockingProvider::name);
    }

    @ParameterizedTest
    @MethodSource("knownBad")
    void shouldHaveAScenarioForWhatIsKnownToBeBad(String name) {
        assertTrue(
                MlockScenarios.ALL.stream()
                        .filter(one -> one.variants().contains(name))
                        // What fails on weak fails on alpha.
                        .anyMatch(one -> Expected.of(Subject.of(one.name(), name, MemoryModel.ALPHA))
                                        .verdict()
                                == Verdict.FAIL),
                name);
    }
}
