package kemu.compare;

import java.util.Locale;
import java.util.function.ToDoubleBiFunction;
import kemu.locks.LockFigures;
import kemu.report.plot.LatencyFormat;

/** What is compared of a class of locks: of whole runs, since no percentiles are kept of intervals. */
enum LockMeasure implements Measure {
    /** Time that all CPUs waited, in nanoseconds a second of the run. */
    WAIT_NS_PER_S("wait", (lock, seconds) -> lock.waits().sum() / Math.max(1e-3, seconds)) {
        @Override
        public String text(double value) {
            return LatencyFormat.text(value) + "/s";
        }
    },
    /** Acquisitions that had to wait, in percent. */
    CONTENDED_PERCENT(
            "busy",
            (lock, seconds) ->
                    100.0 * lock.waits().count() / Math.max(1, lock.holds().count())) {
        @Override
        public String text(double value) {
            return String.format(Locale.ROOT, "%.2f %%", value);
        }
    },
    /** 99th percentile of a wait, in nanoseconds. */
    WAIT_P99_NS("w p99", (lock, seconds) -> percentile(lock.waits())),
    /** 99th percentile of a hold, in nanoseconds. */
    HOLD_P99_NS("h p99", (lock, seconds) -> percentile(lock.holds()));

    private final String word;
    private final ToDoubleBiFunction<LockFigures, Double> value;

    LockMeasure(String word, ToDoubleBiFunction<LockFigures, Double> value) {
        this.word = word;
        this.value = value;
    }

    private static double percentile(LockFigures.Times times) {
        return times.p99() == LockFigures.UNKNOWN || times.count() == 0 ? Double.NaN : times.p99();
    }

    /** Of a run of so many seconds; NaN if it is not known, or the lock was not taken. */
    double of(LockFigures lock, double seconds) {
        return lock == null ? Double.NaN : value.applyAsDouble(lock, seconds);
    }

    @Override
    public String word() {
        return word;
    }
}
