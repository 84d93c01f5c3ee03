package kemu.soak.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import kemu.mm.page.VmStatItem;
import kemu.soak.live.Look;
import org.junit.jupiter.api.Test;

class LeakTrendsTest {
    private static final int HOUR = 3_600;

    private static Look look(long second, long pages, long objects) {
        Map<VmStatItem, Long> vmstat = new EnumMap<>(VmStatItem.class);
        vmstat.put(VmStatItem.NR_FILE_PAGES, 0L);
        return new Look(second * 1_000, 0, pages, 0, 0, 0, 0, 0, 0, 0, vmstat, Map.of("anon_vma", objects), 0);
    }

    private static LeakTrends.Found rests(int seconds, LongUnaryOperator pages, LongUnaryOperator objects) {
        LeakTrends trends = new LeakTrends();
        for (int second = 0; second < seconds; second += 2) {
            trends.rest(look(second, pages.applyAsLong(second), objects.applyAsLong(second)));
        }
        return trends.judge();
    }

    @Test
    void shouldConvictWhatGrowsSlowlyUnderNoise() {
        SplittableRandom random = new SplittableRandom(7);
        LeakTrends.Found found =
                rests(2 * HOUR, second -> 100 + random.nextInt(30), second -> second / 60 + random.nextInt(10));
        assertEquals(List.of("objects", "pages"), found.judged());
        assertEquals(1, found.leaks().size(), found.leaks()::toString);
        assertTrue(found.leaks().getFirst().startsWith("leak: anon_vma grows by "), found.leaks()::toString);
        assertEquals(60, found.objectsPerHour(), 5);
    }

    @Test
    void shouldConvictNothingThatIsNoisyOrFillsUp() {
        SplittableRandom random = new SplittableRandom(8);
        LeakTrends.Found found = rests(
                2 * HOUR,
                second -> 100 + random.nextInt(50),
                second -> Math.round(500 * (1 - Math.exp(-second / 600.0))));
        assertEquals(List.of(), found.leaks());
    }

    @Test
    void shouldConvictNothingThatGrewOnce() {
        LeakTrends.Found found = rests(HOUR, second -> second < 2_000 ? 100 : 900, second -> second < 1_500 ? 5 : 50);
        assertEquals(List.of(), found.leaks());
    }

    @Test
    void shouldNotJudgeWhatIsTooShort() {
        assertEquals(List.of(), rests(100, second -> second, second -> second).judged());
    }

    @Test
    void shouldJudgeHostMemoryAfterItsWarmUp() {
        assertEquals(List.of(), host(HOUR / 4, second -> second).judged());
        LeakTrends.Found warming = host(HOUR, second -> Math.min(second, 600));
        assertEquals(List.of("host_memory"), warming.judged());
        assertEquals(List.of(), warming.leaks());
        LeakTrends.Found leaking = host(HOUR, second -> second / 20);
        assertTrue(leaking.leaks().getFirst().startsWith("leak: host memory grows by 180.0 MiB/h"), leaking::toString);
    }

    @Test
    void shouldNotTakeEmulatedMemoryForALeakOfTheHost() {
        LeakTrends trends = new LeakTrends();
        for (int second = 0; second < HOUR; second++) {
            trends.host(look(second, 256L * second, 0), 0, (300L + second) << 20, 100 << 20);
        }
        assertEquals(List.of(), trends.judge().leaks());
    }

    /** Blocks of a swap area are written one after the other, however few are in use. */
    @Test
    void shouldNotTakeASwapAreaThatIsUsedInTurnForALeakOfTheHost() {
        LeakTrends trends = new LeakTrends();
        for (int second = 0; second < HOUR; second++) {
            trends.host(look(second, 1_000, 0), (long) second << 20, (300L + second) << 20, 100 << 20);
        }
        assertEquals(List.of("host_memory"), trends.judge().judged());
        assertEquals(List.of(), trends.judge().leaks());
    }

    private static LeakTrends.Found host(int seconds, LongUnaryOperator mebibytes) {
        LeakTrends trends = new LeakTrends();
        for (int second = 0; second < seconds; second++) {
            trends.host(look(second, 1_000, 0), 0, (200L + mebibytes.applyAsLong(second)) << 20, 100 << 20);
        }
        return trends.judge();
    }
}
