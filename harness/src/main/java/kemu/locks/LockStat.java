package kemu.locks;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import kemu.latency.Latencies;
import org.HdrHistogram.Histogram;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * Waits and holds by class of lock: numbers and histograms of each CPU, added up when somebody asks. Times are those of
 * the host's clock, so a CPU whose thread the host takes away while it holds a lock has held it for long.
 */
public final class LockStat {
    private final List<PerCpu> perCpu = new ArrayList<>();
    private volatile List<LockFigures> last = List.of();

    /** Nothing yet, of {@code cpus} CPUs. */
    public LockStat(int cpus) {
        for (int i = 0; i < cpus; i++) {
            perCpu.add(new PerCpu());
        }
    }

    private static final class PerCpu extends LockTimes {
        private final Int2ObjectHashMap<LockRow> byKey = new Int2ObjectHashMap<>();
        /** The same, for readers. */
        private final List<LockRow> rows = new CopyOnWriteArrayList<>();

        @Override
        public void waited(int key, long lock, long since, long now) {
            row(key).waited(Math.max(0, now - since));
        }

        @Override
        public void held(int key, long lock, long since, long now) {
            row(key).held(Math.max(0, now - since));
        }

        private LockRow row(int key) {
            LockRow row = byKey.get(key);
            return row == null ? add(key) : row;
        }

        private LockRow add(int key) {
            LockRow row = new LockRow(key);
            byKey.put(key, row);
            rows.add(row);
            return row;
        }
    }

    /** What CPU {@code id} tells its times to. */
    public LockTimes of(int id) {
        return perCpu.get(id);
    }

    private static final class Sum {
        private long waitNanos;
        private long holdNanos;
        private final Histogram waits = Latencies.emptyHistogram();
        private final Histogram holds = Latencies.emptyHistogram();

        private void add(LockRow row) {
            waitNanos += row.waitNanos;
            holdNanos += row.holdNanos;
            holds.add(row.holds);
            Histogram waited = row.waits;
            if (waited != null) {
                waits.add(waited);
            }
        }
    }

    /**
     * Adds up what the CPUs have measured so far, those first that were waited for longest, then those that were held
     * longest. While the CPUs run the numbers need not agree with each other. Reporter thread only.
     */
    public List<LockFigures> read() {
        Map<Integer, Sum> sums = new TreeMap<>();
        for (PerCpu cpu : perCpu) {
            cpu.rows.forEach(
                    row -> sums.computeIfAbsent(row.key, none -> new Sum()).add(row));
        }
        List<LockFigures> all = new ArrayList<>();
        sums.forEach((key, sum) -> all.add(new LockFigures(
                LockKey.className(key),
                LockKey.kind(key),
                LockKey.mode(key),
                times(sum.waits, sum.waitNanos),
                times(sum.holds, sum.holdNanos))));
        last = LockFigures.sorted(all);
        return last;
    }

    private static LockFigures.Times times(Histogram histogram, long sum) {
        return new LockFigures.Times(
                histogram.getTotalCount(),
                sum,
                histogram.getValueAtPercentile(50),
                histogram.getValueAtPercentile(99),
                histogram.getMaxValue());
    }

    /** What was {@link #read} last. Any thread. */
    public List<LockFigures> last() {
        return last;
    }
}
