package kemu.check.story;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import kemu.check.Check;
import kemu.check.OneVariant;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.explore.Result;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;
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
                cause.matches("reclaim on CPU#0 takes anon_vma->lock of 0x\\w+ \\(step \\d+\\) and releases "
                        + "anon_vma->lock of 0x\\w+ instead .*it reads anon_vma 0x\\w+->root once more .* has"
                        + " changed it in between .*"
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

    /** Lines fit the terminal, and no word is torn: folded lines put together again are what a wide terminal shows. */
    @ParameterizedTest
    @CsvSource({"80", "100", "120", "200"})
    void shouldFitTheTerminal(int width) {
        Story story = story("rmap-hang-child", MemoryModel.SC);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        StoryTable.print(story, new PrintStream(bytes, true, StandardCharsets.UTF_8), width);
        String table = bytes.toString(StandardCharsets.UTF_8);
        table.lines().forEach(line -> assertTrue(line.length() <= width, line));
        String joined = table.replaceAll("\\s+", " ");
        assertTrue(
                joined.contains("AnonVmaLocking.assignRoot: write anon_vma 0x200c0->root 0x20000 -> 0x200c0"), table);
    }

    /** The control: the word read twice with other values is not what the failure comes from. */
    @ParameterizedTest
    @CsvSource({"true", "false"})
    void shouldNotBlameADecoy(boolean races) {
        Decoy decoy = new Decoy(races);
        try (Check check = new Check(Subject.of("decoy", "only", MemoryModel.SC), decoy)) {
            Result found = check.explore("random", 1, 100_000, () -> 1);
            Story story = check.narrate(check.schedule(found, 1), found);
            String cause = story.cause();
            assertFalse(cause.contains("once more"), cause);
            assertEquals(races, story.isProved(), cause);
            assertEquals(!races, cause.contains("is not explained"), cause);
            String culprit =
                    "writer on CPU#1 comes to step \\d+ \\(.*0x" + Long.toHexString(decoy.word) + "\\+0x8 0 -> 1\\)";
            assertTrue(!races || cause.matches(".*" + culprit + ".*Proved by replay.*"), cause);
        }
    }

    /** A reader frees a lock it does not hold: always, or if the writer has said so in another word than the decoy. */
    private static final class Decoy extends OneVariant {
        private static final LockClass LOCK = LockClass.of("decoy->lock");
        private final boolean races;
        long word;

        Decoy(boolean races) {
            super("decoy");
            this.races = races;
        }

        @Override
        public Consumer<Cpu> build(Kernel kernel, String variant) {
            Scene scene = new Scene(kernel);
            Cpu boot = scene.cpu(0);
            long memory =
                    kernel.slabs().create(boot, "decoys", 256, 64, 0, null).alloc(boot, Gfp.NOWAIT);
            long taken = memory + 64;
            long freed = memory + 128;
            SpinLock.init(boot, taken, LOCK);
            SpinLock.init(boot, freed, LOCK);
            word = memory;
            boot.write64(word, 0x5000);
            boot.write64(word + 8, 0);
            scene.task(0, "reader", cpu -> {
                cpu.readOnce64(word);
                SpinLock.lock(cpu, taken);
                cpu.readOnce64(word);
                SpinLock.unlock(cpu, !races || cpu.readOnce64(word + 8) != 0 ? freed : taken);
            });
            scene.task(1, "writer", cpu -> {
                cpu.writeOnce64(word, 0x6000);
                cpu.writeOnce64(word + 8, 1);
            });
            return cpu -> {};
        }
    }
}
