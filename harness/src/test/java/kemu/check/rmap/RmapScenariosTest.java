package kemu.check.rmap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Stream;
import kemu.check.Check;
import kemu.check.Expected;
import kemu.check.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.sched.Result;
import kemu.hw.sched.Result.Verdict;
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
                        .filter(variant -> !one.byAnonVma() || Expected.of(one.name(), variant) == Verdict.FAIL)
                        .map(variant -> Arguments.of(one.name(), variant)));
    }

    @ParameterizedTest
    @MethodSource("cells")
    void shouldFindWhatIsExpectedWhenEveryInterleavingIsCovered(String scenario, String variant) {
        try (Check check = new Check(Subject.of(scenario, variant, MemoryModel.SC))) {
            Result result = check.explore("exhaustive", 1, ENOUGH, () -> 1);
            assertEquals(Expected.of(scenario, variant), result.verdict(), String.valueOf(result.failure()));
        }
    }
}
