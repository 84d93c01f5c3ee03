package kemu.cli;

import java.io.PrintStream;
import java.util.Locale;
import kemu.hw.explore.Explorer;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * How far {@code check mutants} is, on standard error: a live line on a terminal, a line every 15 seconds elsewhere.
 */
final class MutantsProgress implements AutoCloseable {
    private static final long LINE_NANOS = 15_000_000_000L;

    private final PrintStream out;
    private final int mutants;
    private final long start = System.nanoTime();
    private final ProgressBar bar;
    private String barrier = "";
    private int number;
    private long executions;
    private long nextLine = start + LINE_NANOS;

    MutantsProgress(PrintStream out, int mutants) {
        this.out = out;
        this.mutants = mutants;
        boolean terminal = System.console() != null && System.console().isTerminal();
        bar = terminal
                ? new ProgressBarBuilder()
                        .setTaskName("mutants")
                        .setInitialMax(mutants)
                        .setStyle(ProgressBarStyle.ASCII)
                        .setUpdateIntervalMillis(1000)
                        .setConsumer(new ConsoleProgressBarConsumer(out))
                        .build()
                : null;
    }

    /** The mutant without {@code name} is next. */
    void next(String name) {
        barrier = name;
        executions = 0;
        if (bar != null) {
            bar.stepTo(number);
            bar.setExtraMessage(name);
        }
        number++;
    }

    /** Its search has gone on by as many executions as lie between two looks at the clock. */
    void step() {
        executions += Explorer.EXECUTIONS_BETWEEN_LOOKS;
        long now = System.nanoTime();
        if (bar == null && now >= nextLine) {
            nextLine = now + LINE_NANOS;
            out.println(String.format(
                    Locale.ROOT,
                    "kemu: check mutants: %d of %d, %s, about %d executions, %d s",
                    number,
                    mutants,
                    barrier,
                    executions,
                    (now - start) / 1_000_000_000L));
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
