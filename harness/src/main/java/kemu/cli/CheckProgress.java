package kemu.cli;

import java.io.PrintStream;
import java.util.Locale;
import kemu.check.Check;
import kemu.check.scenario.Subject;
import kemu.hw.explore.Explorer;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * How far a search is (executions, distinct states, what is left), on standard error: a live line on a terminal, a line
 * every 15 seconds elsewhere.
 */
final class CheckProgress implements AutoCloseable {
    private static final long LINE_NANOS = 15_000_000_000L;
    private static final long BAR_NANOS = 1_000_000_000L;

    private final PrintStream out;
    private final Check check;
    private final long budgetMillis;
    private final long start = System.nanoTime();
    private final ProgressBar bar;
    private long nextLine = start + LINE_NANOS;

    CheckProgress(PrintStream out, Check check, long budgetMillis) {
        this.out = out;
        this.check = check;
        Subject subject = check.subject();
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
        if (bar != null) {
            bar.stepBy(Explorer.EXECUTIONS_BETWEEN_LOOKS);
            long second = System.nanoTime();
            if (second >= nextLine) {
                nextLine = second + BAR_NANOS;
                bar.setExtraMessage(left(check.soFar()));
            }
            return;
        }
        long now = System.nanoTime();
        if (now >= nextLine) {
            nextLine = now + LINE_NANOS;
            Subject subject = check.subject();
            Explorer.SoFar soFar = check.soFar();
            out.println(String.format(
                    Locale.ROOT,
                    "kemu: check %s %s %s: %d executions, %d distinct states at their ends, %s, %d s of at most %d s",
                    subject.scenario(),
                    subject.variant(),
                    subject.modelName(),
                    soFar.executions(),
                    soFar.states(),
                    left(soFar),
                    (now - start) / 1_000_000_000L,
                    budgetMillis / 1000));
        }
    }

    /** What of the search is done, as far as that can be told. */
    static String left(Explorer.SoFar soFar) {
        if (Double.isNaN(soFar.covered())) {
            return "no estimate of what is left (it samples)";
        }
        String of = soFar.phase().isEmpty() ? "branches known so far" : soFar.phase();
        return String.format(Locale.ROOT, "about %.1f%% of the %s", 100 * soFar.covered(), of);
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
