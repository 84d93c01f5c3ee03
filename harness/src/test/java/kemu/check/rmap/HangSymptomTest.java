package kemu.check.rmap;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kemu.check.Check;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import kemu.mm.types.AnonVma;
import kemu.tidy.Repo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How often the lookup of 2.6.36-rc2 ends in which hang: the table of question K1 in docs/SEEDS.md. */
class HangSymptomTest {
    private static final int SEEDS = 100;
    private static final long ENOUGH = 2_000;
    private static final Pattern WAITER =
            Pattern.compile("reuse:3] waits for spinlock anon_vma->lock 0x(\\S+) \\((free|locked).*life (\\d)");
    /** What a table calls a hang in which the waiter's anon_vma has no VMA yet, and has lived before. */
    private static final String PREPARE = "prepare ";

    @ParameterizedTest
    @ValueSource(strings = {"child", "root"})
    void shouldHangAsOftenAsTheDocumentSays(String variant) throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        try (Check check = new Check(Subject.of("rmap-hang-symptom", variant, MemoryModel.SC))) {
            for (int seed = 1; seed <= SEEDS; seed++) {
                counts.merge(end(check, seed), 1, Integer::sum);
            }
        }
        String row = "| `" + variant + "` | " + counts.getOrDefault(PREPARE + "locked", 0) + " | "
                + counts.getOrDefault(PREPARE + "free", 0) + " | " + counts.getOrDefault("locked", 0) + " | "
                + counts.getOrDefault("free", 0) + " | " + counts.getOrDefault("other", 0) + " |";
        assertTrue(Files.readString(Repo.root().resolve("docs/SEEDS.md")).contains(row), () -> row + " " + counts);
    }

    /** In which state the lock is that the process on CPU 1 waits for, and whether it waits in anon_vma_prepare. */
    private static String end(Check check, int seed) {
        Result found = check.explore("random", seed, ENOUGH, () -> 1);
        Matcher waiter = WAITER.matcher(String.valueOf(found.failure()));
        if (!waiter.find()) {
            return "other";
        }
        long lock = Long.parseLong(waiter.group(1), 16);
        boolean[] linked = new boolean[1];
        check.replay(check.schedule(found, seed), () -> linked[0] = isLinked(check, lock));
        boolean prepares = !linked[0] && !waiter.group(3).equals("1");
        return (prepares ? PREPARE : "") + waiter.group(2);
    }

    private static boolean isLinked(Check check, long lock) {
        long anonVma = AnonVma.LOCK.containerOf(lock);
        return !check.kernel().anonVmas().index().empty(check.machine().bootCpu(), anonVma);
    }
}
