package kemu.locks;

import kemu.latency.Latencies;
import org.HdrHistogram.Histogram;

/**
 * What one CPU has measured of one key of locks. Written by that CPU only; others read it racily and see some of its
 * numbers earlier than others, all of them once the CPU has stopped.
 */
final class LockRow {
    final int key;
    long waitNanos;
    long holdNanos;
    final Histogram holds = Latencies.emptyHistogram();
    /** Made when the CPU first waits: most classes are never waited for. */
    volatile Histogram waits;

    LockRow(int key) {
        this.key = key;
    }

    void held(long nanos) {
        holdNanos += nanos;
        holds.recordValue(Math.min(nanos, Latencies.HIGHEST));
    }

    void waited(long nanos) {
        waitNanos += nanos;
        Histogram into = waits;
        if (into == null) {
            into = Latencies.emptyHistogram();
            waits = into;
        }
        into.recordValue(Math.min(nanos, Latencies.HIGHEST));
    }
}
