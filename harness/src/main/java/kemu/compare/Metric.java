package kemu.compare;

import java.util.Locale;
import kemu.results.Interval;
import kemu.results.OperationLatencies;

/** What is compared of an operation. */
public enum Metric implements Measure {
    /** Median latency, in nanoseconds. */
    P50_NS {
        @Override
        double of(Interval interval) {
            return interval.p50();
        }

        @Override
        double of(OperationLatencies operation, double seconds) {
            return operation.total().getValueAtPercentile(50);
        }
    },
    /** 99th percentile of latency, in nanoseconds. */
    P99_NS {
        @Override
        double of(Interval interval) {
            return interval.p99();
        }

        @Override
        double of(OperationLatencies operation, double seconds) {
            return operation.total().getValueAtPercentile(99);
        }
    },
    /** Operations a second. */
    PER_S {
        @Override
        double of(Interval interval) {
            return interval.perSecond();
        }

        @Override
        double of(OperationLatencies operation, double seconds) {
            return operation.total().getTotalCount() / Math.max(1e-3, seconds);
        }

        @Override
        public String text(double value) {
            return String.format(Locale.ROOT, value < 10 ? "%.2f/s" : "%,.0f/s", value);
        }
    };

    /** Of one interval. */
    abstract double of(Interval interval);

    /** Of a whole run of so many seconds. */
    abstract double of(OperationLatencies operation, double seconds);

    @Override
    public String word() {
        return key().replaceFirst("_ns$", "").replace("per_s", "rate");
    }

    @Override
    public boolean moreIsBetter() {
        return this == PER_S;
    }
}
