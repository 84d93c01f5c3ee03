package kemu.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import kemu.hw.cpu.Cpu;
import kemu.kernel.task.Comms;
import kemu.mm.Kernel;
import kemu.mm.ksm.rules.KsmRuleSets;
import kemu.mm.page.VmStatItem;
import kemu.mm.process.Processes;
import kemu.mm.rmap.lock.AnonVmaLockings;
import kemu.mm.strategy.Strategies;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.report.RunReport;
import kemu.report.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Pages that are merged, moved, migrated or lost are what their owners think, and lost ones are told from wrong ones.
 */
class PageOperationsTest {
    private static final int PAGE = UserProgram.pageSize();
    private static final long OWN = 0x7f00_0000_0000L;
    private static final long FILE = 0x7e00_0000_0000L;
    private static final int PAGES = 16;

    private static RunReport run(
            Map<String, Integer> weights,
            StormLayout layout,
            long calls,
            Map<String, String> strategies,
            VmStatItem... happens)
            throws IOException {
        return OneRound.run(
                12L << 20, 24L << 20, strategies, usual -> usual.withKsm(KsmRuleSets.CURRENT), (kernel, counts) -> {
                    kernel.ksm().tune(kernel.machine().bootCpu(), 500, 1);
                    PhasedRounds.Crew crew = new PhasedRounds.Crew(2, layout.threads(), calls);
                    StormLayout used = layout.anonPages() == 0
                            ? StormLayout.threeTimesMemory(kernel, crew.tasks(), layout.threads())
                            : layout;
                    return new OperationStorm(
                            kernel, counts, new OperationStorm.Plan("storm", crew, used, weights, List.of(happens)));
                });
    }

    static Stream<String> sound() {
        return Strategies.sound(AnonVmaLockings.BUILT_IN).stream();
    }

    @ParameterizedTest
    @MethodSource("sound")
    void shouldMoveMergeLockAndTruncateWithMemoryShort(String strategy) throws IOException {
        RunReport report = run(
                MigrateProvider.WEIGHTS,
                new StormLayout(2, 0, 0, 0),
                2 * PhasedRounds.CALLS,
                Map.of("anon-vma", strategy));
        assertEquals(Verdict.PASS, report.verdict(), report::text);
        assertTrue((Long) report.value("pages_migrated") > 1_000, report::text);
        assertTrue((Long) report.value("pages_moved") > 20, report::text);
        assertTrue((Long) report.value("pswpin") > 1_000, report::text);
    }

    @Test
    void shouldMergeEqualPages() throws IOException {
        RunReport report = run(
                KsmProvider.WEIGHTS, new StormLayout(1, 128, 0, 2, new Contents(16, 1)), PhasedRounds.CALLS, Map.of());
        assertEquals(Verdict.PASS, report.verdict(), report::text);
        assertTrue((Long) report.value("pages_merged") > 100, report::text);
        assertTrue((Long) report.value("ksm_pages_sharing_max") > 0, report::text);
    }

    @Test
    void shouldSayThatNothingWasDoneIfNoPageWasMerged() throws IOException {
        RunReport report = run(
                SwapProvider.WEIGHTS,
                new StormLayout(1, 128, 0, 2),
                PhasedRounds.CALLS,
                Map.of(),
                VmStatItem.PGFAULT,
                VmStatItem.KSM_PAGES_MERGED);
        assertEquals(Verdict.UNKNOWN, report.verdict(), report::text);
        assertTrue(report.text().contains("nothing was done: ksm_pages_merged is 0"), report::text);
    }

    @Test
    void shouldLoseNothingButPagesWhoseMemoryFails() throws IOException {
        Map<String, Integer> weights = new HashMap<>(SwapProvider.WEIGHTS);
        weights.put("memory-failure", 8);
        weights.put("mlock", 0);
        RunReport report = run(weights, new StormLayout(2, 900, 0, 16), PhasedRounds.CALLS, Map.of());
        assertEquals(Verdict.PASS, report.verdict(), report::text);
        long failures = (Long) report.value("memory_failures");
        assertTrue(failures > 20, report::text);
        assertTrue((Long) report.value("pages_lost") > 0, report::text);
        // And those that were in use when they failed.
        assertTrue((Long) report.value("frames_given_back") >= failures, report::text);
    }

    private interface Body {
        void run(Cpu cpu, Kernel kernel, OwnRange own, UserProgram user);
    }

    /** A process with a range of pages, all of them written, does {@code body}. */
    private static RunReport process(Body body) throws IOException {
        return OneRound.run(16L << 20, 0, "mmap-sem", "with-barrier", (kernel, counts) -> new OneRound() {
            @Override
            void once(Cpu cpu) {
                Syscalls syscalls = new Syscalls(kernel, counts);
                process(cpu, kernel, syscalls, Comms.of(kernel.machine()).number("pages"), own -> {
                    OwnRange range = new OwnRange(OWN, PAGES, syscalls);
                    UserProgram user = new UserProgram(kernel, counts, 1, new StampTable());
                    assertTrue(range.fill(own, user, new SplittableRandom(1), () -> false));
                    body.run(own, kernel, range, user);
                });
            }
        });
    }

    @Test
    void shouldTellALostPageFromAnAccessThatFails() throws IOException {
        RunReport report = process((cpu, kernel, own, user) -> {
            MovingCalls calls = new MovingCalls(kernel, new Counts());
            calls.fail(cpu, own.at(3));
            long value = own.value(3);
            assertTrue(user.holds(cpu, own.at(3), value));
            assertTrue(user.lost());
            assertTrue(own.read(cpu, user, 3));
            assertEquals(0, own.value(3));
            assertTrue(own.verify(cpu, user));
            assertFalse(user.lost());
            calls.unpoison(cpu);
        });
        assertEquals(Verdict.PASS, report.verdict(), report::text);
        RunReport beyond = process((cpu, kernel, own, user) -> {
            long file = kernel.files().open(cpu, 17, PAGE);
            kernel.mmap().mmap(cpu, Processes.currentMm(cpu), FILE, 2L * PAGE, VmArea.VM_READ, true, file, 0);
            kernel.files().put(cpu, file);
            user.holds(cpu, FILE + PAGE, 1);
        });
        assertEquals("access-error", beyond.kind(), beyond::text);
    }

    @Test
    void shouldReportAFrameThatIsNotGivenBack() throws IOException {
        RunReport report =
                process((cpu, kernel, own, user) -> kernel.givenPages().fail(cpu, Processes.currentMm(cpu), own.at(3)));
        assertEquals("leaked-pages", report.kind(), report::text);
    }

    @Test
    void shouldKnowWhereAPageWasMovedAndWhyItWasNot() throws IOException {
        RunReport report = process((cpu, kernel, own, user) -> {
            MovingCalls calls = new MovingCalls(kernel, new Counts());
            assertTrue(calls.inOneVma(cpu, own.at(0), own.at(5)));
            assertTrue(own.giveUp(cpu, user, 5));
            assertEquals(0, calls.uffdMove(cpu, own.at(4), own.at(5)));
            own.moved(4, 5);
            assertTrue(own.verify(cpu, user));
            assertEquals(Errno.EEXIST, calls.uffdMove(cpu, own.at(6), own.at(5)));
            assertTrue(own.giveUp(cpu, user, 4) && own.giveUp(cpu, user, 6));
            assertEquals(Errno.ENOENT, calls.uffdMove(cpu, own.at(4), own.at(6)));
            assertFalse(calls.crossesRoots());
        });
        assertEquals(Verdict.PASS, report.verdict(), report::text);
    }
}
