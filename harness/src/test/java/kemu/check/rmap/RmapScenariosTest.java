package kemu.check.rmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import kemu.check.Cells;
import kemu.check.Check;
import kemu.check.Expected;
import kemu.check.Judgement;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RmapScenariosTest {
    private static final long ENOUGH = 100_000;
    /** Sound, and too many interleavings for a test; {@code kemu check all} covers them. */
    private static final List<String> LONG = List.of("at-zap-refcount", "at-zap-root-rwsem-revalidate");

    /** All variants but the long ones; of lookups those that are convicted. */
    static Stream<Arguments> cells() {
        return RmapScenarios.ALL.stream()
                .flatMap(one -> one.variants().stream()
                        .filter(variant -> !LONG.contains(variant))
                        .filter(variant -> one.deviations(MemoryModel.SC) < 0)
                        .filter(variant -> !one.byAnonVma() || fails(one.name(), variant))
                        .map(variant -> Arguments.of(one.name(), variant)));
    }

    private static boolean fails(String scenario, String variant) {
        return Expected.of(Subject.of(scenario, variant, MemoryModel.SC)).verdict() == Verdict.FAIL;
    }

    @ParameterizedTest
    @MethodSource("cells")
    void shouldFindWhatIsExpectedWhenEveryInterleavingIsCovered(String scenario, String variant) {
        Cells.assertAsExpected(scenario, variant, MemoryModel.SC, ENOUGH);
    }

    @Test
    void shouldNotConvictALookupWithoutReferenceWhenThePageIsNotReused() {
        // One page is taken after the exit, and it is not the one looked up.
        Subject subject = Subject.of("rmap-no-pageref", "without", MemoryModel.SC);
        try (Check check = new Check(subject, new NoPageRef(1))) {
            Judgement found = Judgement.of(subject, check.explore("exhaustive", 1, ENOUGH, () -> 1));
            assertEquals(Verdict.UNKNOWN, found.verdict());
            assertTrue(found.broken() && found.reason().endsWith("the page was not reused"), found.reason());
        }
    }
}
