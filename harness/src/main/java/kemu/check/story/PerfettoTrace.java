package kemu.check.story;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kemu.perfetto.TraceFlow;
import kemu.perfetto.TraceSpan;
import kemu.perfetto.TraceWriter;

/**
 * A story as a trace that ui.perfetto.dev opens, in Chrome's JSON format of trace events. A CPU is a process of the
 * trace: its tracks are what it does, its locks, its interrupts and RCU. A step takes a microsecond. The bytes depend
 * on the story alone.
 */
public final class PerfettoTrace {
    private PerfettoTrace() {}

    /** Writes {@code file}; {@code title} says what failed. */
    public static void write(Path file, String title, Story story) throws IOException {
        Map<String, String> about = new LinkedHashMap<>();
        about.put("title", title);
        about.put("time", "a step takes 1 us: order, not duration");
        about.put("failure", story.failure());
        about.put("cause", story.cause());
        TraceWriter.write(file, about, to -> write(to, story));
    }

    private static void write(TraceWriter to, Story story) throws IOException {
        List<TraceFlow> flows = StoryFlows.of(story);
        for (int cpu = 0; cpu < story.cpus(); cpu++) {
            to.process(CallSpans.group(cpu));
            List<TraceSpan> spans = new ArrayList<>(CallSpans.of(story, cpu, LockSpans.stuck(story, cpu)));
            spans.addAll(LockSpans.of(story, cpu));
            spans.addAll(EventSpans.of(story, cpu));
            int owner = cpu;
            to.tracks(spans, flows.stream().filter(flow -> flow.cpu() == owner).toList());
            to.marks(StoryMarks.of(story, cpu));
        }
        to.process("RCU");
        to.tracks(EventSpans.gracePeriods(story), List.of());
        if (!story.failure().isEmpty()) {
            to.failure(
                    story.failure().lines().findFirst().orElse(""),
                    TraceTime.end(story.steps().size()));
        }
    }
}
