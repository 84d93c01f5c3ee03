package kemu.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C: asks for a clean end and waits for the report, so that the process still exits with what was found. A second
 * Ctrl-C does nothing more; after a minute without a report the process ends.
 */
final class Interrupts {
    private static final int KILLED_BY_INT = 130;
    private static final int PATIENCE_SECONDS = 60;

    private final CountDownLatch reported = new CountDownLatch(1);
    private volatile int exitCode = KILLED_BY_INT;
    private volatile boolean ended;

    /** Runs {@code stop} when the process is told to end before {@link #ended}. */
    Interrupts(Runnable stop) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> onShutdown(stop), "kemu-interrupt"));
    }

    private void onShutdown(Runnable stop) {
        if (ended) {
            return;
        }
        System.err.println("kemu: stopping, the report follows");
        stop.run();
        boolean inTime = false;
        try {
            inTime = reported.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        System.out.flush();
        Runtime.getRuntime().halt(inTime ? exitCode : KILLED_BY_INT);
    }

    /** The report is out; the process may exit with {@code code}. */
    void ended(int code) {
        exitCode = code;
        ended = true;
        reported.countDown();
    }
}
