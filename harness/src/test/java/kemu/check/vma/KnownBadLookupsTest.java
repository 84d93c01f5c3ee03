package kemu.check.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import kemu.check.Cells;
import kemu.check.Check;
import kemu.check.Expected;
import kemu.check.Scenarios;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result.Verdict;
import kemu.mm.vma.VmaLookupProvider;
import kemu.mm.vma.lookup.VmaLookups;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No lookup of VMAs that is known to be bad gets away, and none is convicted that is said to be right. */
class KnownBadLookupsTest {
    /** Every conviction takes fewer executions. */
    private static final long ENOUGH = 200_000;

    /** The cells that must fail, those first that an exhaustive search on the strongest model convicts. */
    private static Stream<Subject> mustFail() {
        return MemoryModel.names().stream()
                .map(MemoryModel::byName)
                .flatMap(model -> Scenarios.named().stream()
                        .flatMap(one -> one.variants().stream()
                                .filter(variant -> one.vmaLookup(variant) != null)
                                .map(variant -> Subject.of(one.name(), variant, model))))
                .filter(subject -> Expected.of(subject).verdict() == Verdict.FAIL);
    }

    private static String lookup(Subject subject) {
        return Scenarios.byName(subject.scenario()).vmaLookup(subject.variant());
    }

    static List<String> knownBad() {
        return VmaLookups.BUILT_IN.stream()
                .filter(VmaLookupProvider::knownBad)
                .map(VmaLookupProvider::name)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("knownBad")
    void shouldConvictEveryLookupThatIsKnownToBeBad(String lookup) {
        Subject subject = mustFail()
                .filter(one -> lookup(one).equals(lookup))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no scenario convicts " + lookup));
        boolean coverable = Scenarios.byName(subject.scenario()).coverable();
        String search = !coverable ? "pct" : subject.model().reordersStores() ? "random" : "exhaustive";
        try (Check check = new Check(subject)) {
            Cells.assertAsExpected(subject, check.explore(search, 1, ENOUGH, () -> 1));
        }
    }

    /** Unless it is the scenario's own rule that is wrong. */
    @Test
    void shouldConvictOnlyWhatIsKnownToBeBad() {
        TreeSet<String> wronged = new TreeSet<>();
        mustFail().forEach(subject -> {
            Scenario scenario = Scenarios.byName(subject.scenario());
            if (!VmaLookups.byName(lookup(subject)).knownBad() && !scenario.knownBad(subject.variant())) {
                wronged.add(subject.scenario() + " " + subject.variant());
            }
        });
        assertEquals(new TreeSet<>(), wronged);
    }

    /** A test of what is convicted is worth nothing if nothing is. */
    @Test
    void shouldFindThem() {
        assertTrue(knownBad().size() >= 9, knownBad()::toString);
        assertTrue(mustFail().count() >= 30);
    }
}
