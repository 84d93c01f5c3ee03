package kemu.timeline;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import kemu.perfetto.TraceSpan;

/** Grace periods, which are of no CPU: one after the other. */
final class GraceSpans {
    private static final String GROUP = "grace periods";

    private GraceSpans() {}

    /** Those that {@code cpus} tell of. */
    static List<TraceSpan> of(List<CpuHistory> cpus) {
        List<TraceSpan> spans = new ArrayList<>();
        Clip clip = cpus.stream()
                .map(CpuHistory::clip)
                .max(Comparator.comparingLong(Clip::begin))
                .orElseThrow();
        List<Ring.Kept> told = cpus.stream()
                .flatMap(cpu -> cpu.events().stream())
                .filter(one -> one.kind() == RecordKind.GRACE_BEGUN || one.kind() == RecordKind.GRACE_OVER)
                .sorted(Comparator.comparingLong(Ring.Kept::time))
                .toList();
        Ring.Kept open = null;
        for (Ring.Kept one : told) {
            if (one.kind() == RecordKind.GRACE_BEGUN) {
                open = one;
            } else {
                long since = open == null || open.object() != one.object() ? Long.MIN_VALUE : open.time();
                clip.add(spans, GROUP, since, one.time(), "grace period " + one.object(), Map.of());
                open = null;
            }
        }
        if (open != null) {
            Map<String, String> left = Map.of("left", "not over in the end");
            clip.add(spans, GROUP, open.time(), Long.MAX_VALUE, "grace period " + open.object(), left);
        }
        return spans;
    }
}
