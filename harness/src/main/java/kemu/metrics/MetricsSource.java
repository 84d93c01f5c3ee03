package kemu.metrics;

import java.util.List;
import java.util.Map;
import kemu.host.HostPauses;
import kemu.latency.Figures;
import kemu.locks.LockFigures;
import kemu.soak.live.LockSamples;
import kemu.soak.live.Look;

/** What a run knows of itself; any thread, at any time. */
public interface MetricsSource {
    /** How it was started: names of options and their values. */
    Map<String, String> information();

    /** The kernel when the reporter looked last. */
    Look look();

    /** What its processes did, by name. */
    Map<String, Long> work();

    /** Latencies at the end of the last interval. */
    List<Figures> latencies();

    /** Locks seen waited for and held. */
    LockSamples locks();

    /** What is measured of locks, up to the last interval; empty if nothing is. */
    List<LockFigures> measuredLocks();

    /** When the host did not let it go on. */
    HostPauses.Totals pauses();
}
