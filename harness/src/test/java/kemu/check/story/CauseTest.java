package kemu.check.story;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import kemu.check.Check;
import kemu.check.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.sched.Result;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CauseTest {
    private static Story story(String scenario, MemoryModel model) {
        try (Check check = new Check(Subject.of(scenario, "root-reread", model))) {
            Result found = check.explore("random", 1, 100_000, () -> 1);
            Result small = check.shrink(found);
            return check.narrate(check.schedule(small, 1), small);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "rmap-hang-child, SC, AnonVmas.alloc",
        "rmap-hang-child, TSO, AnonVmas.alloc",
        "rmap-hang-child, WEAK, AnonVmas.alloc",
        "rmap-hang-root, SC, AnonVmas.anonVmaFork",
        "rmap-hang-root, WEAK, AnonVmas.anonVmaFork"
    })
    void shouldSayWhichLockIsLeftAndWhoChangedTheRoot(String scenario, MemoryModel model, String changer) {
        Story story = story(scenario, model);
        String cause = story.cause();
        assertTrue(
                cause.matches(
                        "reclaim on CPU#0 takes anon_vma->lock of 0x\\w+ \\(step \\d+\\) and releases anon_vma->lock of "
                                + "0x\\w+ instead .*it reads anon_vma 0x\\w+->root once more .* has changed it in"
                                + " between .*"
                                + changer + ".*Proved by replay: .* it does not fail.*stays locked for ever.*"),
                cause);
    }

    @ParameterizedTest
    @CsvSource({"SC", "TSO"})
    void shouldShowValuesAndStoreBuffers(MemoryModel model) {
        Story story = story("rmap-hang-child", model);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        StoryTable.print(story, new PrintStream(bytes, true, StandardCharsets.UTF_8), 160);
        String table = bytes.toString(StandardCharsets.UTF_8);
        assertTrue(table.contains("PageRmap.pageRemoveRmap: rmw page pfn:00026->_mapcount 0 -> -1"), table);
        assertTrue(table.contains("->root 0x20000 -> 0x200c0"), table);
        assertEquals(model == MemoryModel.TSO, table.contains("store buffer: "), table);
        assertTrue(table.startsWith("  step  CPU#0 reclaim"), table);
    }
}
