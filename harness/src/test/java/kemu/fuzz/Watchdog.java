package kemu.fuzz;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Gives up on what takes too much processor time, or waits for very long, and says where it was. Processor time, since
 * a host with other work to do makes everything slow and nothing wrong.
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
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Duration longest;

    Watchdog(Duration longest) {
        this.longest = longest;
    }

    /** What {@code work} answers, or {@link TooLong} as its answer. The thread of work given up is left behind. */
    Answer watch(Supplier<Answer> work) {
        FutureTask<Answer> task = new FutureTask<>(work::get);
        Thread thread = new Thread(null, task, "fuzz", 1 << 20);
        thread.setDaemon(true);
        long begin = System.nanoTime();
        thread.start();
        while (true) {
            try {
                return task.get(longest.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException soFar) {
                long used = THREADS.getThreadCpuTime(thread.threadId());
                boolean waits = System.nanoTime() - begin > WAITS_PER_WORK * longest.toNanos();
                if (used > longest.toNanos() || waits) {
                    return new Answer(-1, "", "", new TooLong("no answer after " + longest, thread.getStackTrace()));
                }
            } catch (ExecutionException thrown) {
                return new Answer(-1, "", "", thrown.getCause());
            } catch (InterruptedException stop) {
                throw new IllegalStateException(stop);
            }
        }
    }
}
