package kemu.trace.model;

import java.util.List;

/**
 * What a trace was read from, for reports; it is not part of a trace and not stored.
 *
 * @param text the form in words: {@code -f -tt, pids in column 1, 64-bit x86}
 * @param pids {@code column}, {@code brackets}, {@code none} or {@code files}; {@code stored} for a compact trace
 * @param times {@code ttt}, {@code tt}, {@code t}, {@code r} or {@code none}; {@code stored} for a compact trace
 * @param lacks what a replay has to do without
 */
public record TraceForm(String text, String pids, String times, List<String> lacks) {
    /** Of a compact trace: what the log was is not stored. */
    public static final TraceForm STORED = new TraceForm("compact trace", "stored", "stored", List.of());

    /** With one more thing that is lacking. */
    public TraceForm lacking(String what) {
        List<String> all = new java.util.ArrayList<>(lacks);
        all.add(what);
        return new TraceForm(text, pids, times, List.copyOf(all));
    }
}
