package kemu.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import kemu.check.scenario.Subject;
import kemu.check.story.Story;
import kemu.check.story.StoryTable;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import kemu.hw.explore.Schedule;
import kemu.hw.explore.ScheduleText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckTest {
    private static final long ENOUGH = 200_000;

    private static Check check(String scenario, String anonVma, MemoryModel model) {
        return new Check(Subject.of(scenario, anonVma, model));
    }

    @ParameterizedTest
    @CsvSource({
        "rmap-hang-child, root-reread, SC",
        "rmap-hang-child, root-recheck, SC",
        "rmap-hang-child, root-rwsem, SC",
        "rmap-hang-child, root-reread, TSO",
        "rmap-hang-child, root-recheck, TSO",
        "rmap-hang-child, root-rwsem, TSO",
        "rmap-hang-root, root-reread, SC",
        "rmap-hang-root, root-recheck, SC",
        "rmap-hang-root, root-rwsem, SC",
        "rmap-hang-root, root-reread, TSO",
        "rmap-hang-root, root-recheck, TSO",
        "rmap-hang-root, root-rwsem, TSO"
    })
    void shouldFindWhatIsExpectedWhenEveryInterleavingIsCovered(String scenario, String anonVma, MemoryModel model) {
        try (Check check = check(scenario, anonVma, model)) {
            Result result = check.explore("exhaustive", 1, ENOUGH, () -> 1);
            Cells.assertAsExpected(check.subject(), result);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "rmap-hang-child, root-recheck, WEAK",
        "rmap-hang-child, object-rcu, WEAK",
        "rmap-hang-child, own-lock-first, ALPHA",
        "slab-same-life, pin-verify, WEAK"
    })
    void shouldProveWhereLoadsAndStoresAreReordered(String scenario, String variant, MemoryModel model) {
        try (Check check = new Check(Subject.of(scenario, variant, model).withEveryStore())) {
            Result result = check.explore(Check.READS_FROM, 1, ENOUGH, () -> 1);
            assertEquals(Result.Verdict.PASS, check.judge(result).verdict(), check.trouble());
            assertTrue(result.exhaustive() && result.bounds().isEmpty());
            assertTrue(result.executions() > 1, "nothing but the first execution");
        }
    }

    @Test
    void shouldProveNothingOfWhatItCannotFollow() {
        try (Check check = new Check(
                Subject.of("rmap-hang-child", "root-rwsem", MemoryModel.WEAK).withEveryStore())) {
            Result result = check.explore(Check.READS_FROM, 1, 40, () -> 1);
            assertEquals(Result.Verdict.UNKNOWN, result.verdict());
        }
        try (Check check =
                new Check(Subject.of("vma-threads", "spf", MemoryModel.WEAK).withEveryStore())) {
            Result result = check.explore(Check.READS_FROM, 1, ENOUGH, () -> 1);
            assertEquals(Result.Verdict.UNKNOWN, result.verdict());
            assertNotNull(check.trouble());
        }
        try (Check check = check("rmap-hang-child", "root-recheck", MemoryModel.WEAK)) {
            assertThrows(IllegalArgumentException.class, () -> check.explore(Check.READS_FROM, 1, ENOUGH, () -> 1));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "exhaustive, SC",
        "random, SC",
        "pct, SC",
        "pos, SC",
        "exhaustive, TSO",
        "random, WEAK",
        "random, ALPHA",
        "reads-from, WEAK",
        "reads-from, ALPHA"
    })
    void shouldFindShrinkTellAndReplayTheHang(String search, MemoryModel model) throws ScheduleText.Malformed {
        Schedule stored;
        Subject subject = Subject.of("rmap-hang-child", "root-reread", model);
        try (Check check = new Check(Check.seesEveryStore(search) ? subject.withEveryStore() : subject)) {
            Result found = check.explore(search, 1, ENOUGH, () -> 1);
            assertEquals(Result.Verdict.FAIL, found.verdict());
            Result small = check.shrink(found);
            assertTrue(check.switches(small) <= 6, "context switches: " + check.switches(small));
            stored = ScheduleText.read(ScheduleText.write(check.schedule(small, 1)));
            ByteArrayOutputStream told = new ByteArrayOutputStream();
            Story story = check.narrate(stored, small);
            StoryTable.print(story, new PrintStream(told, true, StandardCharsets.UTF_8), 160);
            String text = told.toString(StandardCharsets.UTF_8);
            assertTrue(text.contains("RootSpinLocks.unlock") && text.contains("anon_vma"), text);
        }
        // On a machine of its own, as after a restart.
        try (Check again = new Check(Subject.of(stored))) {
            assertNull(again.misfit(stored));
            Result repeated = again.replay(stored);
            assertEquals(stored.outcome(), repeated.outcome());
            assertEquals(stored.stateHash(), repeated.stateHash());
            assertTrue(
                    repeated.failure().getMessage().contains("anon_vma->lock"),
                    repeated.failure().getMessage());
        }
        try (Check other = check("rmap-hang-root", "root-reread", model)) {
            assertNotNull(other.misfit(stored));
        }
    }

    @Test
    void shouldNotSayPassWhenTheBudgetIsSpent() {
        try (Check check = check("rmap-hang-child", "root-recheck", MemoryModel.SC)) {
            assertEquals(
                    Result.Verdict.UNKNOWN,
                    check.explore("exhaustive", 1, 3, () -> 1).verdict());
            assertEquals(
                    Result.Verdict.UNKNOWN,
                    check.explore("random", 1, 500, () -> 1).verdict());
        }
    }

    @Test
    void shouldRepeatToTheLastBitWithTheSameSeed() {
        long[] hashes = new long[2];
        for (int i = 0; i < 2; i++) {
            try (Check check = check("rmap-hang-child", "root-reread", MemoryModel.WEAK)) {
                Result found = check.explore("random", 7, ENOUGH, () -> 1);
                hashes[i] = found.stateHash() * 31 + found.executions();
            }
        }
        assertEquals(hashes[0], hashes[1]);
    }

    @Test
    void shouldSayWithinWhichBoundItHolds() {
        try (Check check = check("rmap-hang-child", "root-recheck", MemoryModel.WEAK)) {
            Result result = check.exploreWithin(0, ENOUGH, () -> 1);
            assertEquals(Result.Verdict.PASS, result.verdict());
            assertTrue(result.bounds().startsWith("at most 0 deviation"), result.bounds());
        }
        try (Check check = check("rmap-hang-child", "root-reread", MemoryModel.WEAK)) {
            assertEquals(
                    Result.Verdict.FAIL,
                    check.explore("exhaustive", 1, ENOUGH, () -> 1).verdict());
        }
    }
}
