package kemu.check.story;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import kemu.check.Check;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Event;
import kemu.hw.explore.Result;
import kemu.perfetto.TraceReader;
import kemu.perfetto.TraceReader.Slice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Traces can be drawn, and hold what the story has told. */
class PerfettoTraceTest {
    @TempDir
    private Path folder;

    private record Traced(Story story, TraceReader trace) {}

    private Traced trace(String scenario, String variant, MemoryModel model) throws IOException {
        return trace(Subject.of(scenario, variant, model));
    }

    private Traced trace(Subject subject) throws IOException {
        try (Check check = new Check(subject)) {
            Result found = check.explore("random", 1, 100_000, () -> 1);
            assertEquals(Result.Verdict.FAIL, found.verdict(), "the search");
            Story story = check.narrate(check.schedule(found, 1), found);
            Path file = folder.resolve("trace.json");
            PerfettoTrace.write(file, "a title", story);
            Path again = folder.resolve("again.json");
            PerfettoTrace.write(again, "a title", story);
            assertEquals(-1, Files.mismatch(file, again), "the same bytes");
            return new Traced(story, new TraceReader(file));
        }
    }

    @ParameterizedTest
    @CsvSource({"SC", "TSO", "WEAK"})
    void shouldShowEveryLockHold(MemoryModel model) throws IOException {
        Traced traced = trace("rmap-hang-child", "root-reread", model);
        List<String> held = LockSpan.of(traced.story).stream()
                .map(span -> "CPU#" + span.cpu() + " " + span.lock() + " 0x" + Long.toHexString(span.address()) + " "
                        + TraceTime.begin(span.from()) / 1000 + ".." + (span.to() + 1))
                .sorted()
                .toList();
        List<String> drawn = traced.trace.slices().stream()
                .filter(slice ->
                        slice.track().startsWith("locks") && !slice.name().startsWith("waits for "))
                .map(slice -> slice.process() + " " + slice.name() + " "
                        + slice.args().get("address") + " " + (long) slice.from() + ".." + (long) slice.to())
                .sorted()
                .toList();
        assertEquals(held, drawn);
        // Whoever has told of locks: each has as many holds as it was taken.
        Map<Integer, Long> taken = traced.story.locks().stream()
                .filter(event -> event.event() == Event.LOCKED)
                .collect(Collectors.groupingBy(LockEvent::cpu, Collectors.counting()));
        assertEquals(2, taken.size(), "CPUs that lock");
        taken.forEach((cpu, count) -> assertEquals(
                count,
                drawn.stream().filter(one -> one.startsWith("CPU#" + cpu + " ")).count()));
    }

    @Test
    void shouldShowTasksFunctionsStepsAndTheWaitThatHangs() throws IOException {
        Traced traced = trace("rmap-hang-child", "root-reread", MemoryModel.SC);
        List<Slice> own = traced.trace.slices().stream()
                .filter(slice -> slice.process().equals(slice.track()))
                .toList();
        long steps =
                own.stream().filter(slice -> slice.args().containsKey("step")).count();
        assertEquals(traced.story.steps().size(), steps, "every step of a machine without store buffers");
        for (Step step : traced.story.steps()) {
            for (String function : step.calls()) {
                assertTrue(
                        own.stream()
                                .anyMatch(slice -> slice.process().equals("CPU#" + step.cpu())
                                        && slice.name().equals(function)
                                        && slice.from() <= step.number()
                                        && slice.to() > step.number()),
                        () -> function + " in step " + step.number());
            }
        }
        assertTrue(traced.trace.marks() > 1, "marks");
    }

    /** A call to another CPU is an interrupt there; without the order of its end it is seen half-made. */
    @Test
    void shouldDrawInterrupts() throws IOException {
        Subject subject = Subject.of("cpu-call", "kernel", MemoryModel.WEAK).withWeakened(List.of("call.DONE:acquire"));
        Traced traced = trace(subject);
        long served = traced.story.events().stream()
                .filter(told -> told.event() == Event.IRQ_ENTERED)
                .count();
        assertTrue(served > 0, "interrupts");
        assertEquals(
                served,
                traced.trace.slices().stream()
                        .filter(slice -> slice.track().equals("interrupts"))
                        .count());
    }

    /** Tracks of an event that no story of it may lack. */
    @ParameterizedTest
    @CsvSource({
        "slab-norcu-reader, outside, grace periods",
        "slab-norcu-reader, outside, waits for RCU",
        "vma-nref, spf-nref, RCU readers"
    })
    void shouldDrawRcu(String scenario, String variant, String track) throws IOException {
        Traced traced = trace(scenario, variant, MemoryModel.SC);
        assertTrue(
                traced.trace.slices().stream().anyMatch(slice -> slice.track().equals(track)), () -> "no " + track);
        long callbacks = traced.story.events().stream()
                .filter(told -> told.event() == Event.RCU_INVOKED && told.step() > 0)
                .count();
        assertTrue(callbacks > 0, "callbacks");
        assertTrue(traced.trace.arrows() >= callbacks, "arrows to callbacks");
        long reports = traced.story.events().stream()
                .filter(told -> told.event() == Event.RCU_QUIESCENT)
                .count();
        assertTrue(reports > 0 && traced.trace.marks() > reports, "quiescent states");
    }
}
