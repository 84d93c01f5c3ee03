package kemu.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import kemu.mm.KernelConfig;
import kemu.mm.rmap.lock.AnonVmaLockings;
import kemu.mm.strategy.Strategies;
import kemu.report.RunReport;
import kemu.report.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Children keep what they have written, and a walk is as long as the list of the page's anon_vma. */
class Aim7Test {
    private static final int CHILDREN = 24;
    private static final int PAGES = 8;
    private static final UnaryOperator<KernelConfig> ONE = usual -> usual.withAnonVmaRules("one-for-family");

    static List<String> sound() {
        return Strategies.sound(AnonVmaLockings.BUILT_IN);
    }

    private static RunReport run(Map<String, String> strategy, UnaryOperator<KernelConfig> kernel) throws IOException {
        return OneRound.run(
                32L << 20,
                16L << 20,
                strategy,
                kernel,
                (own, counts) -> new Aim7(own, counts, new Aim7.Plan(CHILDREN, PAGES, 2)));
    }

    @ParameterizedTest
    @MethodSource("sound")
    void shouldWalkAllVmasOfTheFamilyOnlyWithoutChains(String strategy) throws IOException {
        RunReport chains = run(Map.of("anon-vma", strategy), UnaryOperator.identity());
        assertEquals(Verdict.PASS, chains.verdict(), chains::text);
        assertEquals(1.0, chains.value("vmas_per_walk"));
        assertTrue((Long) chains.value("reclaimed_pages") > CHILDREN * PAGES, chains::text);
        assertTrue((Long) chains.value("pswpin") > 0, chains::text);
        RunReport one = run(Map.of("anon-vma", strategy), ONE);
        assertEquals(Verdict.PASS, one.verdict(), one::text);
        // The parent is met first, its children after it.
        assertEquals(1 + CHILDREN / 2.0, (Double) one.value("vmas_per_walk"), 0.001);
    }

    private static EmulatedRun emulated(long seed, UnaryOperator<KernelConfig> kernel) {
        return EmulatedRun.of(
                        8L << 20, 1_024, seed, kernel, (own, counts) -> new Aim7(own, counts, new Aim7.Plan(6, 4, 1)))
                .assertRight();
    }

    @Test
    void shouldBeTheSameForASeedOnEmulatedCpus() {
        EmulatedRun first = emulated(3, UnaryOperator.identity());
        first.assertSame(emulated(3, UnaryOperator.identity()));
        assertNotEquals(first.steps(), emulated(4, UnaryOperator.identity()).steps());
        assertEquals(4.0, emulated(3, ONE).values().get("vmas_per_walk"));
        assertTrue((Long) first.values().get("reclaimed_pages") > 0);
    }
}
