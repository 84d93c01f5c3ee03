package kemu.check.migrate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import kemu.check.Cells;
import kemu.check.Check;
import kemu.check.Expected;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MigrateScenariosTest {
    private static final long ENOUGH = 40_000;

    static Stream<Arguments> cells() {
        return MigrateScenarios.ALL.stream()
                .flatMap(one -> one.variants().stream().map(variant -> Arguments.of(one, variant)));
    }

    @ParameterizedTest
    @MethodSource("cells")
    void shouldFindWhatIsExpectedWithinTwoDeviationsOnSc(Scenario scenario, String variant) {
        try (Check check = new Check(Subject.of(scenario.name(), variant, MemoryModel.SC))) {
            Cells.assertAsExpected(check.subject(), check.exploreWithin(2, ENOUGH, () -> 1));
        }
    }

    @Test
    void shouldConvictEveryPinThatIsKnownToBeBadWithSomeLookup() {
        Set<String> convicted = new TreeSet<>();
        for (String variant : new MigrateGet().variants()) {
            Subject subject = Subject.of("rmap-migrate-get", variant, MemoryModel.SC);
            if (Expected.of(subject).verdict() == Verdict.FAIL) {
                convicted.add(variant.replaceFirst("-(root|local|own|object|refcount|no-mapped).*", ""));
            }
        }
        assertEquals(Set.of("get-mapped", "lock-then-get", "rcu-only"), convicted);
    }
}
