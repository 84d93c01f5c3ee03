package kemu.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * How far work of many pieces is, on standard error: a bar on a terminal, a line every 15 seconds elsewhere. Pieces
 * begin and end on any thread.
 */
final class PiecesProgress implements AutoCloseable {
    private static final long LINE_MILLIS = 15_000;

    private final PrintStream out;
    private final String work;
    private final String pieces;
    private final int count;
    private final ProgressBar bar;
    private final ScheduledExecutorService timer;
    private final long start = System.nanoTime();
    private final AtomicInteger done = new AtomicInteger();
    /** What is being worked on, and since when. */
    private final Map<String, Long> begun = new ConcurrentHashMap<>();

    /** {@code count} pieces, called {@code pieces} when there are several, of {@code work}. */
    PiecesProgress(PrintStream out, String work, String pieces, int count) {
        this(out, work, pieces, count, LINE_MILLIS);
    }

    PiecesProgress(PrintStream out, String work, String pieces, int count, long lineMillis) {
        this.out = out;
        this.work = work;
        this.pieces = pieces;
        this.count = count;
        boolean terminal = System.console() != null && System.console().isTerminal() && out == System.err;
        bar = terminal && count > 1
                ? new ProgressBarBuilder()
                        .setTaskName(work)
                        .setInitialMax(count)
                        .setStyle(ProgressBarStyle.ASCII)
                        .setUpdateIntervalMillis(1000)
                        .setConsumer(new ConsoleProgressBarConsumer(out))
                        .build()
                : null;
        timer = bar == null ? lines(lineMillis) : null;
    }

    private ScheduledExecutorService lines(long millis) {
        ScheduledExecutorService every = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "kemu-progress");
            thread.setDaemon(true);
            return thread;
        });
        var unused = every.scheduleAtFixedRate(this::line, millis, millis, TimeUnit.MILLISECONDS);
        return every;
    }

    private void line() {
        Duration elapsed = Duration.ofSeconds((System.nanoTime() - start) / 1_000_000_000L);
        // One call, so that the line stays whole.
        out.println(String.format(
                Locale.ROOT,
                "kemu: %s %s elapsed, %d of %d %s%s",
                work,
                elapsed.toString().substring(2).toLowerCase(Locale.ROOT),
                done.get(),
                count,
                pieces,
                slowest()));
    }

    /** The piece that has been worked on for the longest time. */
    private String slowest() {
        return begun.entrySet().stream()
                .min(Map.Entry.comparingByValue())
                .map(one -> ", slowest now: " + one.getKey() + " ("
                        + (System.nanoTime() - one.getValue()) / 1_000_000_000L + "s)")
                .orElse("");
    }

    /** Work on {@code piece} begins. */
    void begun(String piece) {
        begun.put(piece, System.nanoTime());
        if (bar != null) {
            bar.setExtraMessage(piece);
        }
    }

    /** It has ended. */
    void done(String piece) {
        begun.remove(piece);
        done.incrementAndGet();
        if (bar != null) {
            bar.step();
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
        if (timer != null) {
            timer.shutdownNow();
        }
    }
}
