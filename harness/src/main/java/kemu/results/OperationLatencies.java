package kemu.results;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import kemu.latency.Latencies;
import org.HdrHistogram.Histogram;

/** One operation of a run: its latencies as a whole, by interval, and by time. */
public final class OperationLatencies {
    private final String name;
    private final Histogram total = Latencies.emptyHistogram();
    private final List<Interval> intervals = new ArrayList<>();
    private final HeatMap heat = new HeatMap();

    OperationLatencies(String name) {
        this.name = name;
    }

    void add(Histogram histogram, double from, double to) {
        if (histogram.getTotalCount() == 0) {
            return;
        }
        total.add(histogram);
        intervals.add(new Interval(
                from,
                to,
                histogram.getTotalCount(),
                histogram.getValueAtPercentile(50),
                histogram.getValueAtPercentile(99),
                histogram.getMaxValue()));
        heat.add(histogram, from, to);
    }

    /** Its tag in latency.hlog. */
    public String name() {
        return name;
    }

    /** All its latencies, in nanoseconds. */
    public Histogram total() {
        return total;
    }

    /** Intervals in which it was done at all, in order. */
    public List<Interval> intervals() {
        return Collections.unmodifiableList(intervals);
    }

    /** Its latencies by time. */
    public HeatMap heat() {
        return heat;
    }
}
