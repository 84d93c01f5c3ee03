package kemu.latency;

import java.util.List;
import kemu.hw.cpu.LatencySink;
import kemu.hw.cpu.Tags;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * HdrHistogram behind one class: a {@link SingleWriterRecorder} for every CPU and tag, so that CPUs never coordinate.
 * Made once all tags are registered. Values are clock units (nanoseconds on native), up to one hour.
 */
public final class Latencies {
    private static final long HIGHEST = 3_600_000_000_000L;
    private static final int DIGITS = 2;

    private final List<String> names = Tags.names();
    private final SingleWriterRecorder[][] recorders;
    private final Histogram[] totals;
    private final Histogram[] recycled;

    /** Recorders for {@code cpus} CPUs and every tag registered so far. */
    public Latencies(int cpus) {
        recorders = new SingleWriterRecorder[cpus][names.size()];
        totals = new Histogram[names.size()];
        recycled = new Histogram[names.size()];
        for (int tag = 0; tag < names.size(); tag++) {
            totals[tag] = new Histogram(HIGHEST, DIGITS);
            totals[tag].setTag(names.get(tag));
            for (int cpu = 0; cpu < cpus; cpu++) {
                recorders[cpu][tag] = new SingleWriterRecorder(HIGHEST, DIGITS);
            }
        }
    }

    /** The sink of one CPU. */
    public LatencySink sink(int cpu) {
        SingleWriterRecorder[] mine = recorders[cpu];
        return (tag, elapsed) -> mine[tag].recordValue(Math.min(HIGHEST, Math.max(0, elapsed)));
    }

    /** Names of the series; the index is the tag. */
    public List<String> names() {
        return names;
    }

    /**
     * Moves what was recorded since the last call into {@code into}, and adds it to the totals. Reporter thread only.
     */
    public void drain(int tag, Histogram into) {
        into.reset();
        for (SingleWriterRecorder[] perCpu : recorders) {
            recycled[tag] = perCpu[tag].getIntervalHistogram(recycled[tag]);
            into.add(recycled[tag]);
            recycled[tag] = null;
        }
        totals[tag].add(into);
    }

    /** A histogram that can hold any series. */
    public static Histogram emptyHistogram() {
        return new Histogram(HIGHEST, DIGITS);
    }

    /** Everything drained so far in one series. */
    public Histogram total(int tag) {
        return totals[tag];
    }
}
