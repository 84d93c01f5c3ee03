package kemu.check.vma;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import kemu.check.Cells;
import kemu.check.Check;
import kemu.check.Expected;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.check.tlb.TlbScenarios;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result.Verdict;
import kemu.mm.vma.VmaLookupProvider;
import kemu.mm.vma.lookup.VmaLookups;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the scenarios about lookups of VMAs must find is found, and no lookup that is known to be bad gets away. */
class VmaScenariosTest {
    /** Every conviction takes fewer executions. */
    private static final long ENOUGH = 100_000;
    /** What is sound is not covered here if it takes more; {@code kemu check all} covers it. */
    private static final long FEW = 6_000;

    /** The strongest model on which {@code variant} must fail; null if it must fail on none. */
    private static MemoryModel failsOn(Scenario scenario, String variant) {
        for (String name : MemoryModel.names()) {
            Subject subject = Subject.of(scenario.name(), variant, MemoryModel.byName(name));
            if (Expected.of(subject).verdict() == Verdict.FAIL) {
                return subject.model();
            }
        }
        return null;
    }

    static Stream<Arguments> convictions() {
        return VmaScenarios.ALL.stream()
                .flatMap(one -> one.variants().stream()
                        .filter(variant -> failsOn(one, variant) != null)
                        .map(variant -> Arguments.of(one.name(), variant, failsOn(one, variant))));
    }

    @ParameterizedTest
    @MethodSource("convictions")
    void shouldConvictInTheWayExpected(String scenario, String variant, MemoryModel model) {
        try (Check check = new Check(Subject.of(scenario, variant, model))) {
            boolean ordered = !model.reordersStores();
            Cells.assertAsExpected(
                    check.subject(), check.explore(ordered ? "exhaustive" : "random", 1, ENOUGH, () -> 1));
        }
    }

    static Stream<Arguments> sound() {
        return VmaScenarios.ALL.stream()
                .flatMap(one -> one.variants().stream()
                        .filter(variant -> failsOn(one, variant) == null)
                        .map(variant -> Arguments.of(one.name(), variant)));
    }

    @ParameterizedTest
    @MethodSource("sound")
    void shouldNotConvictWhatIsSound(String scenario, String variant) {
        try (Check check = new Check(Subject.of(scenario, variant, MemoryModel.SC))) {
            var result = check.explore("exhaustive", 1, FEW, () -> 1);
            assertTrue(result.verdict() != Verdict.FAIL, () -> String.valueOf(result.failure()));
        }
    }

    static List<String> knownBad() {
        return VmaLookups.BUILT_IN.stream()
                .filter(VmaLookupProvider::knownBad)
                .map(VmaLookupProvider::name)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("knownBad")
    void shouldHaveAScenarioForEveryLookupThatIsKnownToBeBad(String lookup) {
        assertTrue(
                Stream.concat(VmaScenarios.ALL.stream(), TlbScenarios.ALL.stream())
                        .anyMatch(one -> one.variants().stream()
                                .anyMatch(variant ->
                                        lookup.equals(one.vmaLookup(variant)) && failsOn(one, variant) != null)),
                lookup);
    }

    /** Nor is any lookup convicted that is said to be right, unless the scenario's own rule is what is wrong. */
    @ParameterizedTest
    @MethodSource("convictions")
    void shouldConvictOnlyWhatIsKnownToBeBad(String scenario, String variant, MemoryModel model) {
        Scenario one = VmaScenarios.ALL.stream()
                .filter(each -> each.name().equals(scenario))
                .findFirst()
                .orElseThrow();
        assertTrue(VmaLookups.byName(one.vmaLookup(variant)).knownBad() || one.knownBad(variant), variant);
    }
}
