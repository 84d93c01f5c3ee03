package kemu.check;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kemu.check.Plugins.PluginFailure;
import kemu.host.Stop;

/** Runs code of other authors on a thread of its own, so that whatever it does ends within a time. */
public final class PluginGuard {
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long SLICE_NANOS = 100 * NANOS_PER_MILLI;
    /** How long a plugin may still take to report what was found, once the process was told to end. */
    private static final long PATIENCE_NANOS = 5_000 * NANOS_PER_MILLI;

    private PluginGuard() {}

    /**
     * Runs {@code work}, which belongs to {@code plugin}.
     *
     * @param millis after which the work counts as stuck and is left alone
     * @throws PluginFailure if it throws anything or does not come back
     */
    public static <T> T run(String plugin, long millis, Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = new Thread(task, "plugin");
        thread.setDaemon(true);
        thread.start();
        try {
            return get(task, millis);
        } catch (ExecutionException thrown) {
            Throwable cause = thrown.getCause();
            if (cause instanceof PluginFailure known) {
                throw known;
            }
            throw Plugins.failed(plugin, cause);
        } catch (TimeoutException stuck) {
            throw new PluginFailure(
                    "plugin " + plugin + " does not come back: it loops without touching memory"
                            + at(thread.getStackTrace()),
                    stuck);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new PluginFailure("plugin " + plugin + ": interrupted", interrupted);
        }
    }

    /** Waits for the work; once the process was told to end, only for a short while. */
    private static <T> T get(FutureTask<T> task, long millis)
            throws InterruptedException, ExecutionException, TimeoutException {
        long end = System.nanoTime() + millis * NANOS_PER_MILLI;
        while (true) {
            long left = end - System.nanoTime();
            try {
                return task.get(Math.min(left, SLICE_NANOS), TimeUnit.NANOSECONDS);
            } catch (TimeoutException notYet) {
                if (left <= SLICE_NANOS) {
                    throw notYet;
                }
                if (Stop.requested()) {
                    end = Math.min(end, System.nanoTime() + PATIENCE_NANOS);
                    return task.get(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS);
                }
            }
        }
    }

    /** The place where the plugin was: its innermost frame outside the JDK and kemu, or else the innermost of all. */
    private static String at(StackTraceElement[] stack) {
        for (StackTraceElement frame : stack) {
            if (!Plugins.isPlatform(frame.getClassName())) {
                return " at " + frame;
            }
        }
        return stack.length == 0 ? "" : " at " + stack[0];
    }
}
