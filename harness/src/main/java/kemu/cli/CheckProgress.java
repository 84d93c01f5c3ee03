package kemu.cli;

import java.io.PrintStream;
import java.util.Locale;
import kemu.check.scenario.Subject;
import kemu.hw.explore.Explorer;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** How far a search is, on standard error: a live line on a terminal, a line every 15 seconds elsewhere. */
final class CheckProgress implements AutoCloseable {
    private static final long LINE_NANOS = 15_000_000_000L;

    private final PrintStream out;
    private final Subject subject;
    private final long budgetMillis;
    private final long start = System.nanoTime();
    private final ProgressBar bar;
    private long executions;
    private long nextLine = start + LINE_NANOS;

    CheckProgress(PrintStream out, Subject subject, long budgetMillis) {
        this.out = out;
        this.subject = subject;
        this.budgetMillis = budgetMillis;
        boolean terminal = System.console() != null && System.console().isTerminal();
        bar = terminal
                ? new ProgressBarBuilder()
                        .setTaskName(subject.scenario() + " " + subject.variant())
                        .setInitialMax(-1)
                        .setStyle(ProgressBarStyle.ASCII)
                        .setUpdateIntervalMillis(1000)
                        .setConsumer(new ConsoleProgressBarConsumer(out))
                        .setUnit(" executions", 1)
                        .build()
                : null;
    }

    /** The search has gone on by as many executions as lie between two looks at the clock. */
    void step() {
        executions += Explorer.EXECUTIONS_BETWEEN_LOOKS;
        if (bar != null) {
            bar.stepBy(Explorer.EXECUTIONS_BETWEEN_LOOKS);
            return;
        }
        long now = System.nanoTime();
        if (now >= nextLine) {
            nextLine = now + LINE_NANOS;
            out.println(String.format(
                    Locale.ROOT,
                    "kemu: check %s %s %s: about %d executions in %d s of at most %d s",
                    subject.scenario(),
                    subject.variant(),
                    subject.modelName(),
                    executions,
                    (now - start) / 1_000_000_000L,
                    budgetMillis / 1000));
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
