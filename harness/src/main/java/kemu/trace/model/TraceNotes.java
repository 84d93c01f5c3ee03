package kemu.trace.model;

import java.util.Map;
import java.util.TreeMap;

/** Counts, by reason, what was unusual in a log or is not replayed. A clean log with a full plan has no notes. */
public final class TraceNotes {
    private final TreeMap<String, Long> counts = new TreeMap<>();

    /** Adds to a reason. */
    public void add(String reason, long n) {
        if (n != 0) {
            counts.merge(reason, n, Long::sum);
        }
    }

    /** All reasons, sorted. */
    public Map<String, Long> counts() {
        return Map.copyOf(counts);
    }

    /** Count of one reason, 0 if never noted. */
    public long count(String reason) {
        return counts.getOrDefault(reason, 0L);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof TraceNotes n && counts.equals(n.counts);
    }

    @Override
    public int hashCode() {
        return counts.hashCode();
    }

    @Override
    public String toString() {
        return counts.toString();
    }
}
