package kemu.hw.litmus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cache.MemoryModel;
import kemu.hw.order.Barriers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LitmusTableTest {
    private static final int FAR = 1 << 14;

    @ParameterizedTest
    @EnumSource(MemoryModel.class)
    void shouldShowExactlyWhatTheTableSays(MemoryModel model) {
        List<String> wrong = new ArrayList<>();
        try (LitmusExplorer explorer = new LitmusExplorer(model, FAR, 0)) {
            for (LitmusTable.Row row : LitmusTable.rows()) {
                boolean shown = explorer.shows(row.litmus());
                if (shown != row.shownBy().contains(model)) {
                    wrong.add(row.litmus().name() + (shown ? " is shown" : " is not shown"));
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    @ParameterizedTest
    @EnumSource(MemoryModel.class)
    void shouldShowNoMoreWhenWordsAreNeighbours(MemoryModel model) {
        List<String> wrong = new ArrayList<>();
        try (LitmusExplorer explorer = new LitmusExplorer(model, 8, 0)) {
            for (LitmusTable.Row row : LitmusTable.rows()) {
                if (explorer.shows(row.litmus()) && !row.shownBy().contains(model)) {
                    wrong.add(row.litmus().name());
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    @Test
    void shouldShowNothingForbiddenExceptDependenciesOnAlpha() {
        for (LitmusTable.Row row : LitmusTable.rows()) {
            if (!row.allowed()) {
                assertFalse(
                        row.shownBy().contains(MemoryModel.WEAK), row.litmus().name());
                assertTrue(
                        !row.shownBy().contains(MemoryModel.ALPHA)
                                || row.litmus().name().endsWith("addr"),
                        row.litmus().name());
            }
            assertTrue(
                    !row.shownBy().contains(MemoryModel.TSO) || row.shownBy().contains(MemoryModel.WEAK),
                    row.litmus().name());
            assertFalse(row.shownBy().contains(MemoryModel.SC), row.litmus().name());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "MP+wmb+rmb, litmus.WMB, weak",
        "MP+wmb+rmb, litmus.RMB, weak",
        "SB+mb+mb, litmus.MB, tso",
        "SB+mb+mb, litmus.MB, weak",
        "MP+rel+acq, litmus:acquire, weak",
        "MP+rel+acq, litmus:release, weak",
        "MP+rel+xchg.acq, litmus:acquire, weak",
        "MP+xchg.rel+acq, litmus:release, weak",
    })
    void shouldShowForbiddenOutcomeWhenBarrierIsWeakened(String name, String barrier, String model) {
        Litmus shape = LitmusTable.rows().stream()
                .map(LitmusTable.Row::litmus)
                .filter(litmus -> litmus.name().equals(name))
                .findFirst()
                .orElseThrow();
        int id = Barriers.names().indexOf(barrier);
        try (LitmusExplorer explorer = new LitmusExplorer(MemoryModel.byName(model), FAR, id)) {
            assertTrue(explorer.shows(shape));
        }
    }

    @Test
    void shouldReachBothOrdersOfTwoStores() {
        try (LitmusExplorer explorer = new LitmusExplorer(MemoryModel.SC, FAR, 0)) {
            assertTrue(explorer.shows(Litmus.of("one", "x=1 | x=2", "x=1")));
            assertTrue(explorer.shows(Litmus.of("two", "x=1 | x=2", "x=2")));
            assertFalse(explorer.shows(Litmus.of("none", "x=1 | x=2", "x=0")));
        }
    }
}
