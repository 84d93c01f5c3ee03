package kemu.fuzz;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Gives up on work that makes no progress for too much processor time, or waits for very long, and says where it was.
 * Processor time, since a host with other work to do makes everything slow and nothing wrong.
 */
final class Watchdog {
    /** What was going on when patience ended; its stack is the one of the thread that was given up. */
    static final class TooLong extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooLong(String message, StackTraceElement[] where) {
            super(message);
            setStackTrace(where);
        }
    }

    private static final int WAITS_PER_WORK = 10;
    private static final int LOOKS = 4;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Duration longest;

    Watchdog(Duration longest) {
        this.longest = longest;
    }

    /**
     * Waits for {@code thread} to end, as long as {@code progress} counts on. Returns null at its end, or what it was
     * doing when it was given up; the thread is left behind then.
     */
    TooLong guard(Thread thread, LongSupplier progress) throws InterruptedException {
        long seen = progress.getAsLong();
        long usedThen = 0;
        long then = System.nanoTime();
        while (!thread.join(longest.dividedBy(LOOKS))) {
            long used = THREADS.getThreadCpuTime(thread.threadId());
            long now = System.nanoTime();
            if (progress.getAsLong() != seen) {
                seen = progress.getAsLong();
                usedThen = used;
                then = now;
            } else if (used - usedThen > longest.toNanos() || now - then > WAITS_PER_WORK * longest.toNanos()) {
                return new TooLong("no answer after " + longest, thread.getStackTrace());
            }
        }
        return null;
    }
}
