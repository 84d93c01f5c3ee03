package kemu.soak.live;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import kemu.host.GrowingFile;
import kemu.host.HostPauses;
import kemu.host.HostUsage;
import kemu.locks.LockFigures;
import kemu.report.RunReport;
import kemu.results.CounterLine;
import kemu.results.RunResults;

/**
 * {@code counters.jsonl}: a line of counters for each interval, and between them a line for each event, which has a
 * field {@code event}. Every line says when, in milliseconds since the run began.
 */
final class CounterLog {
    private final GrowingFile file;
    private final long beforeMillis;

    /** Appends to {@code file}, null for nowhere; {@code beforeMillis} went by before this process began. */
    CounterLog(GrowingFile file, long beforeMillis) {
        this.file = file;
        this.beforeMillis = beforeMillis;
    }

    private void line(long elapsedMillis, CounterLine.Fields fields) {
        if (file != null) {
            append(CounterLine.of(beforeMillis + elapsedMillis, fields));
        }
    }

    private void append(String line) {
        try {
            file.stream().write(line.getBytes(StandardCharsets.UTF_8));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible); // it is in memory
        }
    }

    /** The first line of a run: which it is, and when it began by the host's calendar. */
    void start(long elapsedMillis, long nowMillis, String workload, List<String> arguments, Map<String, Object> asked) {
        line(elapsedMillis, out -> {
            out.writeStringField("event", "start");
            out.writeNumberField("schema", RunResults.COUNTERS_SCHEMA);
            out.writeNumberField("time_ms", nowMillis);
            out.writeStringField("workload", workload);
            out.writeArrayFieldStart("arguments");
            for (String argument : arguments) {
                out.writeString(argument);
            }
            out.writeEndArray();
            RunReport.writeConfiguration(out, "run", asked);
        });
        flush();
    }

    /** Another process goes on with the run, {@code gapMillis} after the last line; counters begin anew. */
    void resume(long elapsedMillis, long gapMillis, int epoch, long seed) {
        line(elapsedMillis, out -> {
            out.writeStringField("event", "resume");
            out.writeNumberField("gap_ms", gapMillis);
            out.writeNumberField("epoch", epoch);
            out.writeNumberField("seed", seed);
        });
        flush();
    }

    /**
     * Something that happened.
     *
     * @param count how many times since the last line of its kind, or milliseconds of a pause
     * @param text more about it, or the empty string
     */
    void event(long elapsedMillis, String kind, String unit, long count, String text) {
        if (file != null) {
            append(CounterLine.event(beforeMillis + elapsedMillis, kind, unit, count, text));
        }
    }

    /** The counters at the end of an interval; {@code locks} null if they are not measured. */
    void interval(Look look, Map<String, Long> work, HostPauses.Totals pauses, List<LockFigures> locks) {
        line(look.elapsedMillis(), out -> {
            out.writeNumberField("processes", look.processes());
            out.writeNumberField("used_pages", look.usedPages());
            out.writeNumberField("swap_used_pages", look.swapPages());
            out.writeNumberField("slab_pages", look.slabPages());
            out.writeNumberField("grace_period_age_ms", look.graceAgeMillis());
            out.writeNumberField("grace_periods", look.gracePeriods());
            out.writeNumberField("rcu_callbacks", look.callbacks());
            out.writeNumberField("rcu_stalls", look.stalls());
            out.writeNumberField("wrong_unlocks", look.wrongUnlocks());
            out.writeNumberField("host_pauses", pauses.count());
            out.writeNumberField("host_paused_ms", pauses.total() / 1_000_000);
            out.writeNumberField("host_rss_bytes", HostUsage.rssBytes());
            out.writeNumberField(
                    "host_heap_bytes",
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
            for (var one : work.entrySet()) {
                out.writeNumberField(one.getKey(), one.getValue());
            }
            for (var counter : look.vmstat().entrySet()) {
                out.writeNumberField(counter.getKey().key(), counter.getValue());
            }
            if (locks != null) {
                locks(out, locks);
            }
            out.writeObjectFieldStart("objects");
            for (var cache : look.objects().entrySet()) {
                out.writeNumberField(cache.getKey(), cache.getValue());
            }
            out.writeEndObject();
        });
        flush();
    }

    /** Sums, and the waits of those classes that were waited for. */
    private static void locks(JsonGenerator out, List<LockFigures> all) throws IOException {
        out.writeNumberField("lock_acquisitions", sum(all, one -> one.holds().count()));
        out.writeNumberField("lock_contentions", sum(all, one -> one.waits().count()));
        out.writeNumberField("lock_hold_ns", sum(all, one -> one.holds().sum()));
        out.writeNumberField("lock_wait_ns", sum(all, one -> one.waits().sum()));
        Map<String, Long> waits = new TreeMap<>();
        all.stream()
                .filter(one -> one.waits().count() != 0)
                .forEach(one -> waits.merge(one.lockClass(), one.waits().sum(), Long::sum));
        out.writeObjectFieldStart("lock_waits_ns");
        for (var one : waits.entrySet()) {
            out.writeNumberField(one.getKey(), one.getValue());
        }
        out.writeEndObject();
    }

    private static long sum(List<LockFigures> all, ToLongFunction<LockFigures> of) {
        return all.stream().mapToLong(of).sum();
    }

    /** Lets the host have what was written. */
    void flush() {
        if (file != null) {
            file.flush();
        }
    }
}
