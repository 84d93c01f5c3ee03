package kemu.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import kemu.hw.cache.MemoryModel;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.ksm.rules.KsmRuleSets;
import kemu.mm.mlock.kind.Mlockings;
import kemu.mm.rmap.lock.AnonVmaLockings;
import kemu.mm.strategy.Strategies;
import kemu.mm.vma.lookup.VmaLookups;
import kemu.report.RunReport;
import kemu.report.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The workloads of operations pass on every strategy that is not known to be bad, on both kinds of machine. */
class OperationStormTest {
    private static KernelConfig merging(KernelConfig usual) {
        return usual.withKsm(KsmRuleSets.CURRENT);
    }

    private static RunReport run(Map<String, String> strategies, BiFunction<Kernel, Counts, Workload> workload)
            throws IOException {
        return OneRound.run(12L << 20, 24L << 20, strategies, OperationStormTest::merging, workload);
    }

    private static Workload storm(
            Kernel kernel, Counts counts, PhasedRounds.Crew crew, StormLayout layout, Map<String, Integer> weights) {
        return new OperationStorm(kernel, counts, new OperationStorm.Plan("storm", crew, layout, weights));
    }

    private static BiFunction<Kernel, Counts, Workload> mix(int processes, int threads, int pages, long steps) {
        return (kernel, counts) -> {
            PhasedRounds.Crew crew = new PhasedRounds.Crew(processes, threads, steps);
            StormLayout layout = pages == 0
                    ? StormLayout.threeTimesMemory(kernel, crew.tasks(), threads)
                    : StormLayout.of(threads, pages);
            return storm(kernel, counts, crew, layout, Operations.weights(Map.of()));
        };
    }

    static List<Map<String, String>> sound() {
        return Stream.of(
                        Strategies.sound(AnonVmaLockings.BUILT_IN).stream().map(name -> Map.of("anon-vma", name)),
                        Strategies.sound(VmaLookups.BUILT_IN).stream().map(name -> Map.of("vma-lookup", name)),
                        Strategies.sound(Mlockings.BUILT_IN).stream().map(name -> Map.of("mlock", name)))
                .flatMap(one -> one)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("sound")
    void shouldMixEverythingWithMemoryShort(Map<String, String> strategies) throws IOException {
        RunReport report = run(strategies, mix(2, 2, 0, 2 * PhasedRounds.CALLS));
        assertEquals(Verdict.PASS, report.verdict(), report::text);
        assertEquals(2L, report.value("phases"));
        assertTrue((Long) report.value("pswpout") > 0, report::text);
        TreeSet<String> never = new TreeSet<>();
        for (String name : Operations.names()) {
            if ((Long) report.value("op_" + name.replace('-', '_')) == 0) {
                never.add(name);
            }
        }
        assertEquals(new TreeSet<>(), never, report::text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mmap-sem", "spf", "per-vma-lock", "per-vma-refcount"})
    void shouldProtectWhileOthersWrite(String lookup) throws IOException {
        RunReport report = run(
                Map.of("vma-lookup", lookup),
                (kernel, counts) -> storm(
                        kernel,
                        counts,
                        new PhasedRounds.Crew(2, 3, PhasedRounds.CALLS_OF_ROUND),
                        new StormLayout(3, 64, 0, 64),
                        MprotectProvider.WEIGHTS));
        assertEquals(Verdict.PASS, report.verdict(), report::text);
        assertTrue((Long) report.value("op_stripe_protect") > 1_000, report::text);
        assertEquals((long) PhasedRounds.PHASES, report.value("phases"));
    }

    @Test
    void shouldSwapWhatProcessesShare() throws IOException {
        RunReport report = run(
                Map.of(),
                (kernel, counts) -> storm(
                        kernel,
                        counts,
                        new PhasedRounds.Crew(3, 1, 2 * PhasedRounds.CALLS),
                        new StormLayout(1, (int) kernel.pages().totalPages() * 2 / 3, 0, 64),
                        SwapProvider.WEIGHTS));
        assertEquals(Verdict.PASS, report.verdict(), report::text);
        assertTrue((Long) report.value("pswpin") > 5_000, report::text);
        assertTrue((Long) report.value("op_fork") > 0, report::text);
    }

    private static EmulatedRun emulated(long seed, int steps, Map<String, Integer> weights, int filePages) {
        return EmulatedRun.of(4L << 20, 1_024, seed, OperationStormTest::merging, (kernel, counts) -> {
                    StormLayout layout = new StormLayout(2, 24, filePages, 16);
                    return storm(kernel, counts, new PhasedRounds.Crew(2, 2, steps), layout, weights);
                })
                .assertRight();
    }

    private static EmulatedRun emulated(long seed, int steps) {
        return emulated(seed, steps, Operations.weights(Map.of()), 24);
    }

    @Test
    void shouldBeTheSameForASeedOnEmulatedCpus() {
        EmulatedRun first = emulated(5, 150);
        first.assertSame(emulated(5, 150));
        assertNotEquals(first.steps(), emulated(6, 150).steps());
        assertEquals(1L, first.values().get("phases"));
        for (Map<String, Integer> weights : List.of(MprotectProvider.WEIGHTS, SwapProvider.WEIGHTS)) {
            emulated(8, 100, weights, 0).assertSame(emulated(8, 100, weights, 0));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SC", "TSO", "WEAK"})
    void shouldGiveInstrumentsNothingToReport(MemoryModel model) {
        for (int seed = 1; seed <= 2; seed++) {
            // Pages go from one root to another only with the second.
            String lookup = seed == 1 ? "root-recheck" : "root-rwsem-revalidate";
            EmulatedRun run = EmulatedRun.watched(
                            model,
                            4L << 20,
                            1_024,
                            seed,
                            usual -> merging(usual).withAnonVma(lookup),
                            mix(2, 2, 24, 120))
                    .assertRight();
            assertTrue(run.vmStat().get("pswpout") > 0, "memory was never short");
        }
    }

    @Test
    void shouldStopInTheMiddleOfAPhaseWhenItsStepsAreDone() {
        EmulatedRun run = emulated(7, PhasedRounds.CALLS + 30);
        assertEquals(2L, run.values().get("phases"));
        assertEquals(4L * (PhasedRounds.CALLS + 30), run.values().get("calls"));
    }

    @Test
    void shouldDrawByWeight() {
        assertEquals(0, Operations.weights(Map.of("fork", 0)).get("fork"));
        assertEquals(7, Operations.weights(Map.of("fork", 7)).get("fork"));
        assertEquals(Operations.ALL.size(), new TreeSet<>(Operations.names()).size());
    }
}
