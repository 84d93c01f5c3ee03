package kemu.workload;

import java.util.concurrent.atomic.LongAdder;

/** What the user programs of a run counted. Written by all CPUs, read by the reporter. */
public final class Counts {
    /** Processes that ended. */
    public final LongAdder processes = new LongAdder();
    /** Threads that ended. */
    public final LongAdder threads = new LongAdder();
    /** fork, vfork and clone calls that succeeded. */
    public final LongAdder forks = new LongAdder();
    /** Forks that failed for lack of memory or task slots. */
    public final LongAdder forkFailures = new LongAdder();
    /** Successful execs. */
    public final LongAdder execs = new LongAdder();
    /** Execs that the recording says fail. */
    public final LongAdder execFailures = new LongAdder();
    /** System calls of all kinds. */
    public final LongAdder syscalls = new LongAdder();
    /** Pages touched for the first time, as planned. */
    public final LongAdder touches = new LongAdder();
    /** Pages touched again. */
    public final LongAdder retouches = new LongAdder();
    /** Pages whose contents were not what their owner left there. */
    public final LongAdder stampErrors = new LongAdder();
    /** Accesses that found that the memory of their page had failed, and were told so. */
    public final LongAdder lost = new LongAdder();
    /** Accesses that failed though the mapping allows them. */
    public final LongAdder accessErrors = new LongAdder();
    /** System calls that failed though the recording says they work. */
    public final LongAdder syscallErrors = new LongAdder();
    /** Processes killed for lack of memory. */
    public final LongAdder killed = new LongAdder();
    /** Processes that were to run and never did, because an ancestor was killed or could not fork. */
    public final LongAdder skipped = new LongAdder();
    /** Processes that had not started when the run was stopped: by its duration, or by the user. */
    public final LongAdder notStarted = new LongAdder();

    private volatile String firstError;

    /** Keeps the description of the first error, for the report. */
    public void error(String description) {
        if (firstError == null) {
            firstError = description;
        }
    }

    /** The first error, or null. */
    public String firstError() {
        return firstError;
    }
}
