package kemu.locks;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is known of the locks of one class that are taken in one way, since the run began, on all CPUs.
 *
 * @param lockClass name of the class
 * @param kind spinlock, mutex, rwsem or bit
 * @param mode read, write, or own where there is but one way to take it
 * @param waits of those that were not free
 * @param holds of all that have been freed: so many acquisitions there were
 */
public record LockFigures(String lockClass, String kind, String mode, Times waits, Times holds) {
    /**
     * Times, in nanoseconds.
     *
     * @param count how many
     * @param sum all together
     * @param p50 median; {@link #UNKNOWN} of runs that were added up
     * @param p99 percentile; {@link #UNKNOWN} of runs that were added up
     * @param max the longest
     */
    public record Times(long count, long sum, long p50, long p99, long max) {
        private static Times of(Object json) {
            Map<?, ?> times = json instanceof Map<?, ?> map ? map : Map.of();
            return new Times(
                    number(times, "count", 0),
                    number(times, "sum", 0),
                    number(times, "p50", UNKNOWN),
                    number(times, "p99", UNKNOWN),
                    number(times, "max", 0));
        }

        private static long number(Map<?, ?> times, String key, long otherwise) {
            return times.get(key) instanceof Number number ? number.longValue() : otherwise;
        }

        private Times plus(Times other) {
            return new Times(count + other.count, sum + other.sum, UNKNOWN, UNKNOWN, Math.max(max, other.max));
        }
    }

    /** In the place of a percentile that is not known. */
    public static final long UNKNOWN = -1;

    /** Those that {@code json} holds, the value of {@code locks} in run.json; empty if it holds none. */
    public static List<LockFigures> all(Object json) {
        return json instanceof List<?> list ? list.stream().map(LockFigures::of).toList() : List.of();
    }

    /** Those of all {@code runs} added up, each lock once; those first that were waited for longest. */
    public static List<LockFigures> sum(List<List<LockFigures>> runs) {
        Map<String, LockFigures> sums = new HashMap<>();
        runs.forEach(run -> run.forEach(one -> sums.merge(one.key(), one, LockFigures::plus)));
        return sorted(sums.values());
    }

    /** {@code some}, those first that were waited for longest. */
    public static List<LockFigures> sorted(Collection<LockFigures> some) {
        return some.stream()
                .sorted(Comparator.<LockFigures>comparingLong(
                                one -> -one.waits().sum())
                        .thenComparingLong(one -> -one.holds().sum())
                        .thenComparing(LockFigures::lockClass)
                        .thenComparing(LockFigures::mode)
                        .thenComparing(LockFigures::kind))
                .toList();
    }

    private static LockFigures of(Object json) {
        Map<?, ?> row = json instanceof Map<?, ?> map ? map : Map.of();
        return new LockFigures(
                String.valueOf(row.get("class")),
                String.valueOf(row.get("kind")),
                String.valueOf(row.get("mode")),
                Times.of(row.get("wait_ns")),
                Times.of(row.get("hold_ns")));
    }

    /** The class, and how it is taken if there are two ways. */
    public String name() {
        return lockClass + (mode.equals("own") ? "" : " (" + mode + ")");
    }

    /** What tells it from the other locks of a run. */
    public String key() {
        return lockClass + ' ' + kind + ' ' + mode;
    }

    /** Of this run and that one together; percentiles cannot be added. */
    private LockFigures plus(LockFigures other) {
        return new LockFigures(lockClass, kind, mode, waits.plus(other.waits), holds.plus(other.holds));
    }
}
