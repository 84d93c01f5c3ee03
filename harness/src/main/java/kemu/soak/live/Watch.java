package kemu.soak.live;

import java.util.List;
import java.util.Map;
import kemu.host.GrowingFile;
import kemu.host.HostPauses;
import kemu.hw.machine.NativeMachine;
import kemu.latency.Latencies;
import kemu.locks.LockFigures;
import kemu.locks.LockStat;
import kemu.mm.Kernel;
import kemu.mm.page.VmStatItem;
import kemu.workload.Counts;

/** Looks at a run again and again, and writes down what it sees: counters at intervals, events when they happen. */
public final class Watch {
    private final Kernel kernel;
    private final Counts counts;
    private final Latencies latencies;
    private final HostPauses pauses;
    private final CounterLog log;
    private final long startNanos;
    private final LockSamples locks;
    private final LockStat lockStat;
    private volatile Look last;

    /**
     * Watches {@code kernel}.
     *
     * @param lockStat what is measured of locks, null if nothing is
     * @param counters where lines are appended, null for nowhere
     * @param beforeMillis that went by since the run began, before this process did
     * @param startNanos when the run began, {@link System#nanoTime}
     */
    public Watch(
            Kernel kernel,
            Counts counts,
            Latencies latencies,
            LockStat lockStat,
            HostPauses pauses,
            GrowingFile counters,
            long beforeMillis,
            long startNanos) {
        this.kernel = kernel;
        this.counts = counts;
        this.latencies = latencies;
        this.lockStat = lockStat;
        this.pauses = pauses;
        this.startNanos = startNanos;
        log = new CounterLog(counters, beforeMillis);
        locks = new LockSamples((NativeMachine) kernel.machine());
        last = Look.at(kernel, counts, 0);
    }

    /** The run begins; {@code asked} is all that it was asked for, defaults too. */
    public void start(String workload, List<String> arguments, Map<String, Object> asked) {
        log.start(last.elapsedMillis(), System.currentTimeMillis(), workload, arguments, asked);
    }

    /** Goes on with a run, {@code gapMillis} after its last line. */
    public void resume(long gapMillis, int epoch, long seed) {
        log.resume(last.elapsedMillis(), gapMillis, epoch, seed);
    }

    /** What was seen last. Any thread. */
    public Look last() {
        return last;
    }

    /**
     * Looks again and writes down what has happened since. Reporter thread only.
     *
     * @param all the CPUs have stopped, and so have the pauses
     */
    public Look look(long elapsedMillis, boolean all) {
        Look before = last;
        Look now = Look.at(kernel, counts, elapsedMillis);
        latencies.settle(pauses::pausedBetween, all ? Long.MAX_VALUE : pauses.known());
        for (HostPauses.Pause pause : pauses.news()) {
            latencies.pause(pause.nanos());
            log.event(millis(pause.until() - startNanos), "host_pause", "ms", millis(pause.nanos()), "");
        }
        if (!all) {
            locks.take((now.elapsedMillis() - before.elapsedMillis()) / 1e3);
        }
        happened(now, "oom_kill", now.count(VmStatItem.OOM_KILL) - before.count(VmStatItem.OOM_KILL));
        happened(now, "rcu_stall", now.stalls() - before.stalls());
        happened(now, "wrong_unlock", now.wrongUnlocks() - before.wrongUnlocks());
        last = now;
        return now;
    }

    /** Locks seen waited for and held. */
    public LockSamples locks() {
        return locks;
    }

    /** What is measured of locks, up to the last interval; nothing if nothing is. Any thread. */
    public List<LockFigures> measuredLocks() {
        return lockStat == null ? List.of() : lockStat.last();
    }

    private void happened(Look now, String kind, long times) {
        if (times > 0) {
            log.event(now.elapsedMillis(), kind, "count", times, "");
        }
    }

    private static long millis(long nanos) {
        return nanos / 1_000_000;
    }

    /** The machine stopped on a bug: {@code kind} and what it says. Reporter thread, or after its end. */
    public void stopped(long elapsedMillis, String kind, String text) {
        log.event(elapsedMillis, kind, "count", 1, text.lines().findFirst().orElse(""));
        log.flush();
    }

    /** An interval is over: its counters are those seen last. Reporter thread, or after its end. */
    public void interval() {
        log.interval(last, Work.of(counts), pauses.totals(), lockStat == null ? null : lockStat.read());
    }
}
