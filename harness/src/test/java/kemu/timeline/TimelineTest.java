package kemu.timeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import kemu.cli.InProcess;
import kemu.perfetto.TraceReader;
import kemu.perfetto.TraceReader.Slice;
import kemu.results.JsonTree;
import kemu.results.RunResults;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The timeline of a run can be drawn, and agrees with what the run counted. */
class TimelineTest {
    private static final double WINDOW_SECONDS = 60;

    @TempDir
    private Path folder;

    private Map<String, Object> report;

    private TraceReader run(String... words) throws IOException {
        Path file = folder.resolve("trace.json");
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--lock-stat", "--perfetto", file.toString(), "--perfetto-window", "1m"));
        all.addAll(List.of("--out", folder.toString()));
        assertEquals(0, InProcess.execute(all.toArray(new String[0])).code());
        report = JsonTree.object(Files.readString(folder.resolve(RunResults.JSON)));
        return new TraceReader(file);
    }

    private static List<Slice> slices(TraceReader trace, Predicate<Slice> which) {
        return trace.slices().stream()
                .filter(which)
                .sorted(Comparator.comparingDouble(Slice::from))
                .toList();
    }

    private static void assertApart(List<Slice> slices) {
        for (int i = 1; i < slices.size(); i++) {
            Slice before = slices.get(i - 1);
            Slice after = slices.get(i);
            assertTrue(before.to() <= after.from(), () -> before + " overlaps " + after);
        }
    }

    private static boolean isTask(Slice slice) {
        return slice.track().equals(slice.process()) && slice.name().matches(".*:\\d+");
    }

    private static boolean isHold(Slice slice) {
        return slice.track().contains("locks") && !slice.name().startsWith("waits for ");
    }

    /** Figures of the locks of {@code lockClass} taken in {@code mode}. */
    private Map<?, ?> locks(String lockClass, String mode) {
        for (Object one : (List<?>) report.get("locks")) {
            Map<?, ?> row = (Map<?, ?>) one;
            if (row.get("class").equals(lockClass) && row.get("mode").equals(mode)) {
                return row;
            }
        }
        throw new AssertionError(lockClass + " in " + report.get("locks"));
    }

    private static long count(Map<?, ?> row, String times) {
        return ((Number) ((Map<?, ?>) row.get(times)).get("count")).longValue();
    }

    @Test
    void shouldDrawWhatTheRunCounted() throws IOException {
        TraceReader trace = run("run", "forkstorm", "--processes", "60", "--memory", "64m");
        long faults = ((Number) report.get("faults")).longValue();
        Map<?, ?> faulting = locks("mm->mmap_sem", "read");
        assertEquals(faults, count(faulting, "hold_ns"), "each fault reads the address space");
        assertEquals("rwsem", faulting.get("kind"));
        List<Slice> drawn = slices(trace, slice -> slice.name().equals("mm->mmap_sem (read)"));
        if (((Number) report.get("elapsed_s")).doubleValue() < WINDOW_SECONDS) {
            assertEquals(faults, drawn.size(), "each of them is drawn");
        }
        for (String process : List.of("CPU#0", "CPU#1")) {
            List<Slice> tasks = slices(trace, slice -> slice.process().equals(process) && isTask(slice));
            assertApart(tasks);
            for (int i = 1; i < tasks.size(); i++) {
                assertEquals(tasks.get(i - 1).to(), tasks.get(i).from(), "a CPU always runs some task");
            }
            assertApart(slices(
                    trace,
                    slice -> slice.process().equals(process) && slice.track().equals("mode")));
            assertApart(slices(
                    trace,
                    slice -> slice.process().equals(process) && slice.track().equals("interrupts")));
        }
        assertFalse(
                trace.slices().stream().anyMatch(slice -> slice.track().matches("(CPU#|mode|interrupts).* \\d+")),
                "a track that overlaps takes a second one");
        assertTrue(trace.arrows() > 0, "wake-ups");
        assertTrue(trace.slices().stream().anyMatch(slice -> slice.name().equals("fork")), "operations");
        assertTrue(trace.about().get("CPU#0").toString().endsWith("ms are complete"));
    }

    /** Of the locks that only one can have, two holds never overlap, wherever they are; and waits end in holds. */
    @Test
    void shouldDrawHoldsThatExcludeEachOther() throws IOException {
        TraceReader trace = run("run", "kbuild", "--memory", "64m", "--spinlock", "mcs");
        Map<Object, List<Slice>> byLock = new HashMap<>();
        for (Slice hold : slices(trace, TimelineTest::isHold)) {
            if (!hold.name().endsWith(" (read)")) {
                byLock.computeIfAbsent(hold.args().get("address"), none -> new ArrayList<>())
                        .add(hold);
            }
        }
        assertTrue(byLock.size() > 10, byLock::toString);
        byLock.values().forEach(TimelineTest::assertApart);
        Set<String> begun = new HashSet<>();
        slices(trace, TimelineTest::isHold).forEach(hold -> begun.add(hold.name() + hold.args() + hold.from()));
        for (Slice wait : slices(trace, slice -> slice.name().startsWith("waits for "))) {
            String taken = wait.name().substring("waits for ".length()) + wait.args() + wait.to();
            assertTrue(wait.args().containsKey("left") || begun.contains(taken), taken);
        }
    }

    @Test
    void shouldDrawRcu() throws IOException {
        TraceReader trace = run(
                "run", "threads", "--threads", "3", "--pages", "16", "--rounds", "2", "--vma-lookup", "per-vma-lock");
        assertTrue(trace.slices().stream().anyMatch(slice -> slice.track().equals("grace periods")), "grace periods");
        assertApart(slices(trace, slice -> slice.track().equals("grace periods")));
        assertTrue(
                trace.arrowNames().contains("call_rcu"),
                () -> trace.arrowNames().toString());
        assertTrue(
                trace.markTracks().containsAll(Set.of("quiescent states", "RCU callbacks")),
                () -> trace.markTracks().toString());
    }
}
