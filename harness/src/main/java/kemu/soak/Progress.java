package kemu.soak;

import java.io.PrintStream;
import java.time.Duration;
import kemu.workload.Counts;
import kemu.workload.Workload;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Live progress on standard error: a bar on a terminal, a line every 15 seconds elsewhere. */
final class Progress implements AutoCloseable {
    private static final long LINE_MILLIS = 15_000;
    private static final int SCALE = 1000;

    private final PrintStream out;
    private final Workload workload;
    private final ProgressBar bar;
    private long nextLine = LINE_MILLIS;

    Progress(PrintStream out, Workload workload) {
        this.out = out;
        this.workload = workload;
        boolean terminal = System.console() != null && System.console().isTerminal() && out == System.err;
        bar = terminal
                ? new ProgressBarBuilder()
                        .setTaskName(workload.name())
                        .setInitialMax(workload.progress() < 0 ? -1 : SCALE)
                        .setStyle(ProgressBarStyle.ASCII)
                        .setUpdateIntervalMillis(1000)
                        .hideEta()
                        .setConsumer(new ConsoleProgressBarConsumer(out))
                        .build()
                : null;
    }

    void update(Counts counts, long elapsedMillis) {
        double done = workload.progress();
        if (bar != null) {
            bar.stepTo(done < 0 ? elapsedMillis / 1000 : (long) (done * SCALE));
            bar.setExtraMessage(" " + counts.processes.sum() + " processes");
        } else if (elapsedMillis >= nextLine) {
            nextLine = elapsedMillis + LINE_MILLIS;
            out.printf(
                    "kemu: %s %s elapsed, %d processes%s%n",
                    workload.name(),
                    Duration.ofSeconds(elapsedMillis / 1000)
                            .toString()
                            .substring(2)
                            .toLowerCase(java.util.Locale.ROOT),
                    counts.processes.sum(),
                    done < 0 ? "" : String.format(", %.0f %%", done * 100));
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
