package kemu.check.story;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import kemu.host.SafeFiles;

/**
 * A story as a trace that ui.perfetto.dev opens, in Chrome's JSON format of trace events. A CPU is a process of the
 * trace: its tracks are what it does, its locks, its interrupts and RCU. A step takes a microsecond. The bytes depend
 * on the story alone.
 */
public final class PerfettoTrace {
    private static final int NANO_DIGITS = 3;
    private static final int TRACKS = 1000;

    private final JsonGenerator json;
    private final Story story;
    private int process;
    private int thread;

    private PerfettoTrace(JsonGenerator json, Story story) {
        this.json = json;
        this.story = story;
    }

    /** Writes {@code file}; {@code title} says what failed. */
    public static void write(Path file, String title, Story story) throws IOException {
        SafeFiles.writeText(file, text -> {
            try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
                new PerfettoTrace(json, story).write(title);
                json.writeRaw('\n');
            }
        });
    }

    private void write(String title) throws IOException {
        json.writeStartObject();
        json.writeStringField("displayTimeUnit", "ns");
        json.writeObjectFieldStart("otherData");
        json.writeStringField("title", title);
        json.writeStringField("time", "a step takes 1 us: order, not duration");
        json.writeStringField("failure", story.failure());
        json.writeStringField("cause", story.cause());
        json.writeEndObject();
        json.writeArrayFieldStart("traceEvents");
        List<TraceFlow> flows = TraceFlow.of(story);
        for (int cpu = 0; cpu < story.cpus(); cpu++) {
            process(CallSpans.group(cpu));
            List<TraceSpan> spans = new ArrayList<>(CallSpans.of(story, cpu, LockSpans.stuck(story, cpu)));
            spans.addAll(LockSpans.of(story, cpu));
            spans.addAll(EventSpans.of(story, cpu));
            int owner = cpu;
            tracks(spans, flows.stream().filter(flow -> flow.cpu() == owner).toList());
            marks(TraceMark.of(story, cpu));
        }
        process("RCU");
        tracks(EventSpans.gracePeriods(story), List.of());
        failure();
        json.writeEndArray();
        json.writeEndObject();
    }

    /** Arrows have their ends on the first track, that of the steps. */
    private void tracks(List<TraceSpan> spans, List<TraceFlow> flows) throws IOException {
        List<TraceFlow> ends = flows;
        for (TraceTrack track : TraceTrack.of(spans)) {
            thread(track.name());
            track(track, ends.iterator());
            ends = List.of();
        }
    }

    private void track(TraceTrack track, Iterator<TraceFlow> flows) throws IOException {
        TraceFlow flow = next(flows);
        Deque<TraceSpan> open = new ArrayDeque<>();
        for (TraceSpan span : track.spans()) {
            while (!open.isEmpty() && open.peek().to() <= span.from()) {
                flow = flowsBefore(open.peek().to(), flow, flows);
                end(open.pop());
            }
            flow = flowsBefore(span.from(), flow, flows);
            begin(span);
            open.push(span);
        }
        while (!open.isEmpty()) {
            flow = flowsBefore(open.peek().to(), flow, flows);
            end(open.pop());
        }
    }

    private static TraceFlow next(Iterator<TraceFlow> flows) {
        return flows.hasNext() ? flows.next() : null;
    }

    private TraceFlow flowsBefore(long time, TraceFlow first, Iterator<TraceFlow> rest) throws IOException {
        TraceFlow flow = first;
        while (flow != null && flow.at() < time) {
            event(flow.begins() ? "s" : "f", flow.name(), flow.at());
            json.writeStringField("cat", "flow");
            json.writeNumberField("id", flow.id());
            if (!flow.begins()) {
                json.writeStringField("bp", "e");
            }
            json.writeEndObject();
            flow = next(rest);
        }
        return flow;
    }

    private void begin(TraceSpan span) throws IOException {
        event("B", span.name(), span.from());
        json.writeStringField("cat", span.group());
        args(span.args());
        json.writeEndObject();
    }

    private void end(TraceSpan span) throws IOException {
        event("E", span.name(), span.to());
        json.writeEndObject();
    }

    private void marks(List<TraceMark> marks) throws IOException {
        String track = "";
        for (TraceMark mark : marks) {
            if (!mark.track().equals(track)) {
                track = mark.track();
                thread(track);
            }
            mark("t", mark.name(), mark.at());
        }
    }

    /** Across all tracks. */
    private void failure() throws IOException {
        if (!story.failure().isEmpty()) {
            thread("failure");
            mark(
                    "g",
                    story.failure().lines().findFirst().orElse(""),
                    TraceTime.end(story.steps().size()));
        }
    }

    private void mark(String scope, String name, long at) throws IOException {
        event("i", name, at);
        json.writeStringField("s", scope);
        json.writeEndObject();
    }

    private void process(String name) throws IOException {
        process++;
        thread = process * TRACKS;
        meta("process_name", "name", name);
        order("process_sort_index", process);
    }

    private void thread(String name) throws IOException {
        thread++;
        meta("thread_name", "name", name);
        order("thread_sort_index", thread);
    }

    private void meta(String what, String key, String value) throws IOException {
        event("M", what, 0);
        args(Map.of(key, value));
        json.writeEndObject();
    }

    private void order(String what, int index) throws IOException {
        event("M", what, 0);
        json.writeObjectFieldStart("args");
        json.writeNumberField("sort_index", index);
        json.writeEndObject();
        json.writeEndObject();
    }

    private void event(String phase, String name, long nanos) throws IOException {
        json.writeRaw("\n");
        json.writeStartObject();
        json.writeStringField("ph", phase);
        json.writeStringField("name", name);
        json.writeNumberField("pid", process);
        json.writeNumberField("tid", thread);
        json.writeFieldName("ts");
        json.writeNumber(BigDecimal.valueOf(nanos, NANO_DIGITS));
    }

    private void args(Map<String, String> args) throws IOException {
        if (!args.isEmpty()) {
            json.writeObjectFieldStart("args");
            for (Map.Entry<String, String> arg : args.entrySet()) {
                json.writeStringField(arg.getKey(), arg.getValue());
            }
            json.writeEndObject();
        }
    }
}
