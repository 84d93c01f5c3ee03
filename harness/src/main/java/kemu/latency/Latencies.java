package kemu.latency;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import kemu.host.HostPauses;
import kemu.hw.cpu.LatencySink;
import kemu.hw.cpu.Tags;
import org.HdrHistogram.Histogram;

/**
 * Histograms of latencies: {@link CpuLatencies} for every CPU, so that CPUs never coordinate. Values are clock units
 * (nanoseconds on native), up to one hour.
 */
public final class Latencies {
    /** The longest time that is told from longer ones: an hour, in nanoseconds. */
    public static final long HIGHEST = 3_600_000_000_000L;

    private static final int DIGITS = 2;
    /** More than there are tags; those beyond are not recorded. */
    private static final int MOST_TAGS = 64;
    /** Pauses of the host. */
    private static final int HOST_PAUSE = Tags.tag("host_pause");
    /** Operations of any kind that spent at least half of their time in pauses of the host. */
    private static final int IN_HOST_PAUSE = Tags.tag("in_host_pause");

    /** Of each CPU, and at the end those of the reporter. */
    private final List<CpuLatencies> recorders = new ArrayList<>();

    private final AtomicReferenceArray<Figures> figures = new AtomicReferenceArray<>(MOST_TAGS);
    private final Histogram[] totals = new Histogram[MOST_TAGS];

    /** Recorders for {@code cpus} CPUs. */
    public Latencies(int cpus) {
        for (int cpu = 0; cpu < cpus; cpu++) {
            recorders.add(new CpuLatencies(MOST_TAGS));
        }
        recorders.add(new CpuLatencies(MOST_TAGS));
        for (int tag = 0; tag < MOST_TAGS; tag++) {
            totals[tag] = emptyHistogram();
        }
    }

    /** The sink of one CPU. */
    public LatencySink sink(int cpu) {
        return recorders.get(cpu);
    }

    /**
     * Records slow operations of which {@code pauses} can say by now whether the host was to blame: those that spent at
     * least half of their time in its pauses are no latencies of the kernel. Reporter thread only.
     *
     * @param known up to when pauses are known, {@link System#nanoTime}; Long.MAX_VALUE if the CPUs have stopped
     */
    public void settle(HostPauses.Watched pauses, long known) {
        CpuLatencies mine = recorders.getLast();
        for (CpuLatencies of : recorders) {
            of.slow().take((tag, elapsed, end) -> {
                if (known != Long.MAX_VALUE && end - known > 0) {
                    return false;
                }
                boolean paused = pauses.pausedBetween(end - elapsed, end) >= elapsed / 2;
                mine.count(paused ? IN_HOST_PAUSE : tag, Math.min(HIGHEST, elapsed));
                return true;
            });
        }
    }

    /** Adds what was recorded under {@code tag} before this run. Before it begins. */
    public void earlier(int tag, Histogram recorded) {
        if (tag < MOST_TAGS) {
            totals[tag].add(recorded);
        }
    }

    /** Records a pause of the host. Reporter thread only. */
    public void pause(long nanos) {
        recorders.getLast().count(HOST_PAUSE, Math.min(HIGHEST, nanos));
    }

    /** Names of the series known by now; the index is the tag. */
    public List<String> names() {
        List<String> names = Tags.names();
        return names.size() > MOST_TAGS ? names.subList(0, MOST_TAGS) : names;
    }

    /**
     * Moves what was recorded since the last call into {@code into}, and adds it to the totals. Reporter thread only.
     */
    public void drain(int tag, Histogram into) {
        into.reset();
        for (CpuLatencies of : recorders) {
            of.takeTo(tag, into);
        }
        totals[tag].add(into);
        if (totals[tag].getTotalCount() != 0) {
            figures.set(tag, Figures.of(names().get(tag), figures.get(tag), into));
        }
    }

    /** What was known when series were drained last, of those that recorded anything so far. Any thread. */
    public List<Figures> figures() {
        return IntStream.range(0, MOST_TAGS)
                .mapToObj(figures::get)
                .filter(Objects::nonNull)
                .toList();
    }

    /** A histogram that can hold any series. */
    public static Histogram emptyHistogram() {
        return new Histogram(HIGHEST, DIGITS);
    }

    /** Everything drained so far in all series whose names begin with {@code prefix}. */
    public Histogram totalOf(String prefix) {
        Histogram sum = emptyHistogram();
        for (int tag = 0; tag < names().size(); tag++) {
            if (names().get(tag).startsWith(prefix)) {
                sum.add(totals[tag]);
            }
        }
        return sum;
    }

    /** Everything drained so far in one series. */
    public Histogram total(int tag) {
        return totals[tag];
    }
}
