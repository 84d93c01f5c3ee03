package kemu.host;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * When the host did not let this process go on: it was stopped, swapped out, or collected garbage. A thread of its own
 * sleeps a millisecond at a time and sees how late it wakes; nothing that the emulated machine does can delay it.
 *
 * <p>Source: the method of jHiccup (Gil Tene). A pause is told apart from a busy host by its length.
 */
public final class HostPauses implements AutoCloseable {
    /** A pause: so late a thread hardly ever wakes on a host that is merely busy. */
    public static final long LEAST_NANOS = 50_000_000;

    private static final long SLEEP_NANOS = 1_000_000;
    /** Kept, for operations that overlap them; older ones are counted only. */
    private static final int MOST_KEPT = 1024;

    private final LongSupplier clock;
    private final Thread thread = new Thread(this::watch, "kemu-pauses");
    private final Deque<Pause> kept = new ArrayDeque<>();
    private final List<Pause> untold = new ArrayList<>();
    private long count;
    private long longest;
    private long total;
    private long known;
    private volatile boolean closed;

    /** A time that was watched. */
    @FunctionalInterface
    public interface Watched {
        /** Nanoseconds of pauses between two times by {@link System#nanoTime}. */
        long pausedBetween(long from, long until);
    }

    /**
     * One pause.
     *
     * @param from {@link System#nanoTime} when this process was last seen going on
     * @param until when it went on
     */
    public record Pause(long from, long until) {
        /** How long, in nanoseconds. */
        public long nanos() {
            return until - from;
        }
    }

    /** How many there were so far, and nanoseconds of the longest and of all. */
    public record Totals(long count, long longest, long total) {}

    /** Watches from {@link #start} on. */
    public HostPauses() {
        this(System::nanoTime);
    }

    /** The same by {@code clock}, for tests: they call {@link #woke}. */
    HostPauses(LongSupplier clock) {
        this.clock = clock;
        known = clock.getAsLong();
        thread.setDaemon(true);
        thread.setPriority(Thread.MAX_PRIORITY);
    }

    /** Begins to watch. */
    public void start() {
        synchronized (kept) {
            known = clock.getAsLong();
        }
        thread.start();
    }

    private void watch() {
        // Ends when it is closed.
        while (!closed) {
            try {
                TimeUnit.NANOSECONDS.sleep(SLEEP_NANOS);
            } catch (InterruptedException ended) {
                return;
            }
            woke();
        }
    }

    /** The thread has slept and goes on. */
    void woke() {
        long now = clock.getAsLong();
        synchronized (kept) {
            Pause slept = new Pause(known, now);
            known = now;
            if (slept.nanos() < LEAST_NANOS + SLEEP_NANOS) {
                return;
            }
            count++;
            longest = Math.max(longest, slept.nanos());
            total += slept.nanos();
            untold.add(slept);
            kept.addLast(slept);
            if (kept.size() > MOST_KEPT) {
                kept.removeFirst();
            }
        }
    }

    /** Up to when it is known whether there was a pause: {@link System#nanoTime}. */
    public long known() {
        synchronized (kept) {
            return known;
        }
    }

    /** As {@link Watched}; the later time is at most {@link #known}. */
    public long pausedBetween(long from, long until) {
        long paused = 0;
        synchronized (kept) {
            for (Pause pause : kept) {
                paused += Math.max(0, Math.min(until, pause.until) - Math.max(from, pause.from));
            }
        }
        return paused;
    }

    /** Those that this has not returned before, in the order of time. */
    public List<Pause> news() {
        synchronized (kept) {
            List<Pause> news = List.copyOf(untold);
            untold.clear();
            return news;
        }
    }

    /** So far. */
    public Totals totals() {
        synchronized (kept) {
            return new Totals(count, longest, total);
        }
    }

    /** Ends the watch. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
