package kemu.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import kemu.litmus.LitmusRunner;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * How far a directory of litmus tests is, on standard error: a bar on a terminal, a line every 15 seconds elsewhere.
 */
final class LitmusProgress implements LitmusRunner.Watch, AutoCloseable {
    private static final long LINE_MILLIS = 15_000;

    private final PrintStream out;
    private final List<Path> files;
    private final ProgressBar bar;
    private final ScheduledExecutorService timer;
    private final long start = System.nanoTime();
    private final AtomicInteger judged = new AtomicInteger();
    /** What is being judged, and since when. */
    private final Map<Path, Long> begun = new ConcurrentHashMap<>();

    LitmusProgress(PrintStream out, List<Path> files) {
        this(out, files, LINE_MILLIS);
    }

    LitmusProgress(PrintStream out, List<Path> files, long lineMillis) {
        this.out = out;
        this.files = files;
        boolean terminal = System.console() != null && System.console().isTerminal() && out == System.err;
        bar = terminal && files.size() > 1
                ? new ProgressBarBuilder()
                        .setTaskName("litmus")
                        .setInitialMax(files.size())
                        .setStyle(ProgressBarStyle.ASCII)
                        .setUpdateIntervalMillis(1000)
                        .setConsumer(new ConsoleProgressBarConsumer(out))
                        .build()
                : null;
        timer = bar == null ? lines(lineMillis) : null;
    }

    private ScheduledExecutorService lines(long millis) {
        ScheduledExecutorService every = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "kemu-litmus-progress");
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
                "kemu: litmus %s elapsed, %d of %d tests%s",
                elapsed.toString().substring(2).toLowerCase(Locale.ROOT),
                judged.get(),
                files.size(),
                slowest()));
    }

    /** The test that is being judged for the longest time. */
    private String slowest() {
        return begun.entrySet().stream()
                .min(Map.Entry.comparingByValue())
                .map(one -> ", slowest now: " + one.getKey() + " ("
                        + (System.nanoTime() - one.getValue()) / 1_000_000_000L + "s)")
                .orElse("");
    }

    @Override
    public void begun(Path file) {
        begun.put(file, System.nanoTime());
        if (bar != null) {
            bar.setExtraMessage(String.valueOf(file.getFileName()));
        }
    }

    @Override
    public void judged(Path file) {
        begun.remove(file);
        judged.incrementAndGet();
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
