package kemu.perfetto;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import kemu.host.SafeFiles;

/** Writes a trace: processes one after the other, and in each its tracks. Times are in nanoseconds from 0. */
public final class TraceWriter {
    private static final int NANO_DIGITS = 3;
    private static final int TRACKS = 1000;

    private final JsonGenerator json;
    private int process;
    private int thread;

    /** Writes the events of a trace. */
    @FunctionalInterface
    public interface Body {
        /** Calls {@code to}. */
        void write(TraceWriter to) throws IOException;
    }

    private TraceWriter(JsonGenerator json) {
        this.json = json;
    }

    /** Writes {@code file}; {@code about} says of what, by name. */
    public static void write(Path file, Map<String, String> about, Body body) throws IOException {
        SafeFiles.writeText(file, text -> {
            try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
                json.writeStartObject();
                json.writeStringField("displayTimeUnit", "ns");
                json.writeObjectFieldStart("otherData");
                for (Map.Entry<String, String> one : about.entrySet()) {
                    json.writeStringField(one.getKey(), one.getValue());
                }
                json.writeEndObject();
                json.writeArrayFieldStart("traceEvents");
                body.write(new TraceWriter(json));
                json.writeEndArray();
                json.writeEndObject();
                json.writeRaw('\n');
            }
        });
    }

    /** Draws {@code spans} of the process on as many tracks as it takes; {@code flows}, by time, end on the first. */
    public void tracks(List<TraceSpan> spans, List<TraceFlow> flows) throws IOException {
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

    /** Draws {@code marks} of the process, sorted by track and time. */
    public void marks(List<TraceMark> marks) throws IOException {
        String track = "";
        for (TraceMark mark : marks) {
            if (!mark.track().equals(track)) {
                track = mark.track();
                thread(track);
            }
            mark("t", mark.name(), mark.at());
        }
    }

    private void mark(String scope, String name, long at) throws IOException {
        event("i", name, at);
        json.writeStringField("s", scope);
        json.writeEndObject();
    }

    /** Begins a process of the trace, a group of tracks. */
    public void process(String name) throws IOException {
        process++;
        thread = process * TRACKS;
        meta("process_name", "name", name);
        order("process_sort_index", process);
    }

    /** A mark across all tracks, on one of its own. */
    public void failure(String name, long at) throws IOException {
        thread("failure");
        mark("g", name, at);
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
