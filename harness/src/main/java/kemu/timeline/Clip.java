package kemu.timeline;

import java.util.List;
import java.util.Map;
import kemu.perfetto.TraceSpan;

/**
 * What is drawn of the time of a CPU.
 *
 * @param begin from when on, by its clock
 * @param end until when
 * @param zero when the trace begins
 */
record Clip(long begin, long end, long zero) {
    /** Whether {@code time} is drawn. */
    boolean isIn(long time) {
        return time >= begin && time < end;
    }

    /** {@code time} in nanoseconds of the trace. */
    long at(long time) {
        return time - zero;
    }

    /** Adds to {@code spans} what is drawn of a stretch, nothing if it has ended before or begins after. */
    void add(List<TraceSpan> spans, String group, long since, long until, String name, Map<String, String> args) {
        long from = Math.max(since, begin);
        long to = Math.min(Math.max(until, since + 1), end);
        if (from < to) {
            spans.add(new TraceSpan(group, at(from), at(to), name, args));
        }
    }
}
