package kemu.check.tlb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import kemu.check.Cells;
import kemu.check.Check;
import kemu.check.Expected;
import kemu.check.scenario.Subject;
import kemu.check.story.Story;
import kemu.check.story.StoryTable;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import kemu.hw.explore.Schedule;
import kemu.hw.explore.ScheduleText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TlbScenariosTest {
    private static final long ENOUGH = 50_000;

    static Stream<Arguments> cells() {
        return TlbScenarios.ALL.stream()
                .flatMap(one -> one.variants().stream().map(variant -> Arguments.of(one.name(), variant)));
    }

    private static Subject subject(String scenario, String variant) {
        return Subject.of(scenario, variant, MemoryModel.SC);
    }

    @ParameterizedTest
    @MethodSource("cells")
    void shouldFindWhatIsExpectedWhenEveryInterleavingIsCovered(String scenario, String variant) {
        Cells.assertAsExpected(scenario, variant, MemoryModel.SC, ENOUGH);
    }

    @ParameterizedTest
    @CsvSource({
        "tlb-fork-fault, per-vma-lock-6.4.2, PageTable.flushTlbOthers",
        "tlb-mprotect, mprotect-no-flush, UserAccess.storeInatomic",
        "tlb-munmap, free-first, PageCheck.atFree",
        "tlb-mremap, mremap-flush-last, Tlb.localFlushTlb"
    })
    void shouldTellAndReplayWhatItConvicts(String scenario, String variant, String function)
            throws ScheduleText.Malformed {
        Schedule stored;
        try (Check check = new Check(subject(scenario, variant))) {
            Result small = check.shrink(check.explore("exhaustive", 1, ENOUGH, () -> 1));
            Cells.assertAsExpected(check.subject(), small);
            stored = ScheduleText.read(ScheduleText.write(check.schedule(small, 1)));
            check.explain(stored);
            String notes = String.join("\n", check.notes());
            // The shadow memory stops an access to a freed page before it is made.
            boolean stopped = scenario.equals("tlb-munmap");
            assertTrue(stopped || notes.contains("through a TLB entry that is not flushed yet"), notes);
            Story story = check.narrate(stored, small);
            ByteArrayOutputStream told = new ByteArrayOutputStream();
            StoryTable.print(story, new PrintStream(told, true, StandardCharsets.UTF_8), 160);
            String text = told.toString(StandardCharsets.UTF_8);
            assertTrue(text.contains(function), text);
        }
        // On a machine of its own, as after a restart.
        try (Check again = new Check(Subject.of(stored))) {
            assertNull(again.misfit(stored));
            Result repeated = again.replay(stored);
            assertEquals(stored.outcome(), repeated.outcome());
            assertEquals(stored.stateHash(), repeated.stateHash());
        }
    }

    @Test
    void shouldSayWhereNoTlbWasExplored() {
        Subject without = subject("tlb-mremap", "mremap-flush-last-none");
        assertTrue(Expected.remark(without).contains("not explored: TLB"));
        assertEquals("TLB", notExplored(without, ENOUGH));
        assertEquals("", notExplored(subject("tlb-mremap", "explored"), 10));
        assertEquals("", notExplored(subject("tlb-mremap", "mremap-flush-last"), ENOUGH), "a conviction stands");
        assertEquals("", notExplored(subject("vma-put-now", "spf"), 10), "no task accesses user memory");
    }

    private static String notExplored(Subject subject, long executions) {
        try (Check check = new Check(subject)) {
            return check.judge(check.explore("exhaustive", 1, executions, () -> 1))
                    .notExplored();
        }
    }
}
