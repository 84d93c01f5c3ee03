package kemu.check.slab;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import kemu.check.Cells;
import kemu.check.Expected;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SlabScenariosTest {
    private static final long ENOUGH = 1_000;

    static Stream<Arguments> cells() {
        return SlabScenarios.ALL.stream()
                .flatMap(one -> one.variants().stream().map(variant -> Arguments.of(one.name(), variant)));
    }

    @ParameterizedTest
    @MethodSource("cells")
    void shouldFindWhatIsExpectedWhenEveryInterleavingIsCovered(String scenario, String variant) {
        Cells.assertAsExpected(scenario, variant, MemoryModel.SC, ENOUGH);
        Cells.assertAsExpected(scenario, variant, MemoryModel.TSO, ENOUGH);
    }

    private static Subject subject(String scenario, String variant) {
        return Subject.of(scenario, variant, MemoryModel.SC);
    }

    @Test
    void shouldSayThatQuarantineHidesTheHang() {
        assertTrue(Expected.coverageLoss(subject("slab-quarantine", "delayed")).contains("false safe"));
        assertNull(Expected.coverageLoss(subject("slab-quarantine", "fast")));
    }

    @Test
    void shouldListEveryVariantWithItsExpectedVerdict() {
        for (Scenario scenario : SlabScenarios.ALL) {
            long bad = scenario.variants().stream()
                    .filter(variant ->
                            Expected.of(subject(scenario.name(), variant)).verdict() == Result.Verdict.FAIL)
                    .count();
            assertTrue(bad > 0 && bad < scenario.variants().size(), scenario.name());
        }
    }
}
