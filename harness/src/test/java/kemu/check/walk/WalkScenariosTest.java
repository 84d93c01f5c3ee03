package kemu.check.walk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import kemu.check.Cells;
import kemu.check.Check;
import kemu.check.Expected;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import kemu.hw.explore.Result.Verdict;
import kemu.mm.huge.rules.CollapseRuleSets;
import kemu.mm.swap.rules.FoundPageRuleSets;
import kemu.mm.vma.rules.VmaRuleSets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class WalkScenariosTest {
    private static final long ENOUGH = 100_000;
    private static final long SAMPLES = 3_000;

    static Stream<Arguments> cells() {
        return WalkScenarios.ALL.stream()
                .flatMap(one -> one.variants().stream().map(variant -> Arguments.of(one, one.name(), variant)));
    }

    @ParameterizedTest(name = "{1} {2}")
    @MethodSource("cells")
    void shouldFindWhatIsExpected(Scenario scenario, String name, String variant) {
        Subject subject = Subject.of(name, variant, MemoryModel.SC);
        boolean covers = scenario.coverable() || Expected.of(subject).verdict() == Verdict.FAIL;
        int deviations = scenario.deviations(subject);
        try (Check check = new Check(subject)) {
            if (!covers) {
                assertEquals(
                        Verdict.UNKNOWN,
                        check.explore("random", 1, SAMPLES, () -> 1).verdict());
                return;
            }
            Result result = deviations < 0
                    ? check.explore("exhaustive", 1, ENOUGH, () -> 1)
                    : check.exploreWithin(deviations, ENOUGH, () -> 1);
            Cells.assertAsExpected(subject, result);
        }
    }

    /** A walk that misses a pte is what the order of stores does not make worse: the same on the weakest model. */
    @ParameterizedTest
    @MethodSource("misses")
    void shouldFindTheMissOnAWeakMachine(String scenario, String variant) {
        Cells.assertAsExpected(scenario, variant, MemoryModel.WEAK, ENOUGH);
    }

    static Stream<Arguments> misses() {
        return Stream.of(
                Arguments.of("rmap-vma-adjust", "none"),
                Arguments.of("rmap-vma-adjust", "next-unlocked"),
                Arguments.of("rmap-mremap-order", "as-it-is"),
                Arguments.of("rmap-thp-collapse", "walk-unlocked"),
                Arguments.of("rmap-mremap-peek", "peeks-old-first"));
    }

    /** Every rule of another version is tried by some variant. */
    @Test
    void shouldTryEveryRule() {
        TreeSet<String> tried = new TreeSet<>();
        for (Scenario one : WalkScenarios.ALL) {
            for (String variant : one.variants()) {
                tried.add(one.configure(variant).vmaRules());
                tried.add(one.configure(variant).swapChecks());
                tried.add(one.configure(variant).collapse());
            }
        }
        assertTrue(tried.containsAll(List.of(VmaRuleSets.names())), tried::toString);
        assertTrue(tried.containsAll(List.of(FoundPageRuleSets.names())), tried::toString);
        assertTrue(tried.containsAll(List.of(CollapseRuleSets.names())), tried::toString);
    }
}
