package kemu.check.slab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import kemu.check.Cells;
import kemu.check.Check;
import kemu.check.Expected;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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
        assertTrue(Expected.remark(subject("slab-quarantine", "delayed")).contains("false safe"));
        assertNull(Expected.remark(subject("slab-quarantine", "fast")));
    }

    /** Loads and stores out of order are all that slab-confirmed is about. */
    @ParameterizedTest
    @ValueSource(strings = {"acquire-wmb", "relaxed", "acquire-only", "wmb-only", "full", "full-wmb"})
    void shouldNeedBothSidesWhereStoresAndLoadsOvertakeEachOther(String variant) {
        boolean holds = variant.endsWith("-wmb");
        Subject weak = Subject.of("slab-confirmed", variant, MemoryModel.WEAK);
        try (Check check = new Check(weak)) {
            // Two of the failures need more deviations than a search of all within two makes.
            Cells.assertAsExpected(weak, check.explore(holds ? "exhaustive" : "random", 1, 20_000, () -> 1));
        }
        assertEquals(holds, Expected.remark(subject("slab-confirmed", variant)) == null);
    }

    @Test
    void shouldListEveryVariantWithItsExpectedVerdict() {
        for (Scenario scenario : SlabScenarios.ALL) {
            MemoryModel model = scenario instanceof Confirmed ? MemoryModel.WEAK : MemoryModel.SC;
            long bad = scenario.variants().stream()
                    .filter(variant -> Expected.of(Subject.of(scenario.name(), variant, model))
                                    .verdict()
                            == Result.Verdict.FAIL)
                    .count();
            assertTrue(bad > 0 && bad < scenario.variants().size(), scenario.name());
        }
    }
}
