package kemu.hw.machine;

import java.util.function.IntPredicate;
import java.util.function.IntToLongFunction;
import java.util.function.LongSupplier;

/**
 * How much of the host the CPUs of a native machine have had lately. A CPU that waits for the host stands still without
 * fault of its own, and so does whoever waits for it: nobody is accused then. A guest's kernel does the same with the
 * time stolen from it (Linux 2.6.36 arch/x86/kernel/pvclock.c; touch_softlockup_watchdog()).
 */
final class HostShares {
    /** Samples kept at least: with one in {@link #TICKS_EACH} ticks, more than the shorter watchdogs look back. */
    private static final int SAMPLES = 512;

    /** Ticks from one sample to the next. */
    static final int TICKS_EACH = 12;

    /**
     * A CPU that has had less than this part of what an otherwise idle host could give it counts as starved. With more
     * it is slow, but gets through what the kernel does between two calls of the scheduler.
     */
    private static final int LEAST_PART = 50;

    private static final long TICK_NANOS = 1_000_000_000L / MachineConfig.HZ;

    private final int cpus;
    private final int processors;
    private final IntToLongFunction used;
    private final IntPredicate runnable;
    private final LongSupplier clock;
    private int count;
    /** Written by whoever takes samples, read by any thread. */
    private volatile Sample newest;

    /** What each CPU had had at a time. */
    private static final class Sample {
        private final long at;
        private final long[] had;
        /** Nanoseconds of all the time before that the host gave. */
        private final long given;
        /** Null once it is too old. */
        private volatile Sample older;

        Sample(long at, long[] had, long given, Sample older) {
            this.at = at;
            this.had = had;
            this.given = given;
            this.older = older;
        }
    }

    /**
     * Of {@code cpus} CPUs on {@code processors} processors.
     *
     * @param used nanoseconds of processor time that a CPU has had, negative if nobody knows
     * @param runnable whether a CPU wants to run now, rather than waits for work
     * @param clock nanoseconds
     */
    HostShares(int cpus, int processors, IntToLongFunction used, IntPredicate runnable, LongSupplier clock) {
        this.cpus = cpus;
        this.processors = processors;
        this.used = used;
        this.runnable = runnable;
        this.clock = clock;
    }

    /** Takes a sample; every {@link #TICKS_EACH} ticks, by one thread. */
    void sample() {
        long[] had = new long[cpus];
        for (int i = 0; i < cpus; i++) {
            had[i] = used.applyAsLong(i);
        }
        long now = clock.getAsLong();
        newest = new Sample(now, had, newest == null ? 0 : newest.given + givenSince(newest, now, had), newest);
        if (++count % SAMPLES == 0) {
            forgetOld();
        }
    }

    private void forgetOld() {
        Sample last = newest;
        for (int i = 1; i < SAMPLES && last.older != null; i++) {
            last = last.older;
        }
        last.older = null;
    }

    /**
     * How much of the time since {@code last} the host gave: a CPU that wants to run now counts as if it had wanted to
     * all the time, one that waits for work as if it had had all that it wanted.
     */
    private long givenSince(Sample last, long now, long[] had) {
        long passed = now - last.at;
        long all = 0;
        long wanted = 0;
        for (int i = 0; i < cpus; i++) {
            long share = last.had[i] >= 0 ? had[i] - last.had[i] : 0;
            all += share;
            wanted += last.had[i] >= 0 && runnable.test(i) ? passed : share;
        }
        wanted = Math.min(wanted, passed * processors);
        return all >= wanted ? passed : (long) ((double) passed * all / wanted);
    }

    /**
     * The part of the last {@code ticks} that the host gave, from 0 to 1: 1 if the CPUs had all the processors that
     * they could use, or wanted none. Of time before the samples as of theirs.
     */
    double given(long ticks) {
        Sample sample = since(ticks);
        Sample last = newest;
        return sample == null || last.at == sample.at
                ? 1
                : (double) (last.given - sample.given) / (last.at - sample.at);
    }

    /** The oldest sample of the last {@code ticks}, null if there is none. */
    private Sample since(long ticks) {
        Sample sample = newest;
        long now = clock.getAsLong();
        // Ends: samples are in the order of time, and finite.
        for (Sample next = sample; next != null && now - sample.at < ticks * TICK_NANOS; next = next.older) {
            sample = next;
        }
        return sample;
    }

    /** True if a CPU that wants to run has hardly been let to, in the last {@code ticks} as far as samples go back. */
    boolean starved(long ticks) {
        Sample sample = since(ticks);
        if (sample == null) {
            return false;
        }
        long possible = (clock.getAsLong() - sample.at) / Math.max(cpus, processors) * processors;
        for (int i = 0; i < cpus; i++) {
            long share = used.applyAsLong(i) - sample.had[i];
            if (sample.had[i] >= 0 && runnable.test(i) && share < possible / LEAST_PART) {
                return true;
            }
        }
        return false;
    }
}
