package kemu.check.mlock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToLongBiFunction;
import kemu.check.Check;
import kemu.check.Expected;
import kemu.check.scenario.OwnVariants;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.check.scenario.Violation;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.explore.Result;
import kemu.hw.explore.Result.Verdict;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.VmStatItem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the kernel tolerates does come about in scenarios that pass, and is counted there. */
class MlockWitnessTest {
    private static final long ENOUGH = 30_000;

    /** A scenario that fails where {@code count} is {@code wanted}, as its tasks or as all of it has ended. */
    private record Witness(Scenario scenario, ToLongBiFunction<Kernel, Cpu> count, long wanted, boolean beforeItsEnd)
            implements OwnVariants {
        @Override
        public String name() {
            return scenario.name();
        }

        @Override
        public String description() {
            return scenario.description();
        }

        @Override
        public List<String> variants() {
            return scenario.variants();
        }

        @Override
        public int cpus() {
            return scenario.cpus();
        }

        @Override
        public KernelConfig configure(String variant) {
            return scenario.configure(variant);
        }

        @Override
        public Consumer<Cpu> build(Kernel kernel, String variant) {
            Consumer<Cpu> end = scenario.build(kernel, variant);
            return cpu -> {
                if (!beforeItsEnd) {
                    end.accept(cpu);
                }
                if (count.applyAsLong(kernel, cpu) == wanted) {
                    throw new Violation(FailureKind.ACCOUNTING, "seen");
                }
            };
        }

        boolean seen(String variant) {
            try (Check check = new Check(Subject.of(name(), variant, MemoryModel.SC), this)) {
                Result result = check.exploreWithin(2, ENOUGH, () -> 1);
                return result.verdict() == Verdict.FAIL
                        && result.failure().getMessage().startsWith("seen");
            }
        }
    }

    private static Scenario byName(String name) {
        return MlockScenarios.ALL.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        // munlock loses the page to reclaim, or does not
        "mlock-munlock-lost, with-barrier, UNEVICTABLE_PGSTRANDED, 1",
        "mlock-munlock-lost, with-barrier, UNEVICTABLE_PGMUNLOCKED, 1",
        "mlock-munlock-lost, pagevec, UNEVICTABLE_PGSTRANDED, 1",
        // the residue that the comment of 5.18 admits: truncation meets a VMA that is locked no more
        "mlock-trunc-munlock, rmap-counted, UNEVICTABLE_PGCLEARED, 1",
        "mlock-trunc-munlock, rmap-counted, UNEVICTABLE_PGCLEARED, 0",
        // mlock() before truncation, and after
        "mlock-trunc-mlock, last-unmap, UNEVICTABLE_PGCLEARED, 1",
        "mlock-trunc-mlock, last-unmap, UNEVICTABLE_PGMLOCKED, 0",
    })
    void shouldCount(String scenario, String variant, VmStatItem item, long count) {
        assertTrue(
                new Witness(byName(scenario), (kernel, cpu) -> kernel.vmStat().sum(cpu, item), count, false)
                        .seen(variant));
    }

    /** munlock() passes over the other VMA, whose mmap_sem is taken: the page is munlocked, and reclaim mends that. */
    @ParameterizedTest
    @CsvSource({"0", "1"})
    void shouldLoseAnMlockWhereTheWalkMayNotWait(long mlocked) {
        assertTrue(new Witness(
                        byName("mlock-two-vmas"),
                        (kernel, cpu) -> kernel.vmStat().sum(cpu, VmStatItem.NR_MLOCK),
                        mlocked,
                        true)
                .seen("with-barrier"));
    }

    @Test
    void shouldStrandAPageOf518UntilItIsMlockedAgain() {
        try (Check check = new Check(Subject.of("mlock-munlock-518", "rmap-counted", MemoryModel.SC))) {
            Result result = check.exploreWithin(2, ENOUGH, () -> 1);
            assertEquals(FailureKind.STRANDED_PAGE, result.kind());
            assertTrue(result.failure().getMessage().contains(Munlock518.MENDED), result.failure()::getMessage);
        }
    }

    @Test
    void shouldSayWhyOneWordNeedsNoBarrier() {
        for (MemoryModel model : MemoryModel.builtIn()) {
            for (String variant : List.of("without-barrier", "pagevec-without-barrier")) {
                String scenario = variant.startsWith("pagevec") ? "lru-mlock-barrier" : "mlock-barrier-word";
                assertEquals(PutbackBarrier.COHERENCE, Expected.remark(Subject.of(scenario, variant, model)));
            }
        }
    }
}
