package kemu.perfetto;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One track of a trace: its stretches lie one after the other or one within the other, which is all that the format can
 * draw. Locks need not be freed in the order in which they are taken, so a group has as many tracks as it takes.
 */
final class TraceTrack {
    private final String name;
    private final List<TraceSpan> spans = new ArrayList<>();
    private final Deque<TraceSpan> open = new ArrayDeque<>();

    private TraceTrack(String name) {
        this.name = name;
    }

    /** Lays {@code spans} on tracks; of two that are as long as each other the first is the outer one. */
    static List<TraceTrack> of(List<TraceSpan> spans) {
        Map<String, List<TraceTrack>> groups = new LinkedHashMap<>();
        spans.forEach(span -> groups.computeIfAbsent(span.group(), group -> new ArrayList<>()));
        spans.stream()
                .sorted(Comparator.comparingLong(TraceSpan::from)
                        .thenComparing(TraceSpan::to, Comparator.reverseOrder()))
                .forEach(span -> lay(groups.get(span.group()), span));
        return groups.values().stream().flatMap(List::stream).toList();
    }

    private static void lay(List<TraceTrack> tracks, TraceSpan span) {
        for (TraceTrack track : tracks) {
            if (track.takes(span)) {
                return;
            }
        }
        TraceTrack more = new TraceTrack(span.group() + (tracks.isEmpty() ? "" : " " + (tracks.size() + 1)));
        tracks.add(more);
        more.takes(span);
    }

    private boolean takes(TraceSpan span) {
        while (!open.isEmpty() && open.peek().to() <= span.from()) {
            open.pop();
        }
        if (!open.isEmpty() && open.peek().to() < span.to()) {
            return false;
        }
        open.push(span);
        spans.add(span);
        return true;
    }

    /** What it is called. */
    String name() {
        return name;
    }

    /** Its stretches by their begins, the outer ones first. */
    List<TraceSpan> spans() {
        return spans;
    }
}
