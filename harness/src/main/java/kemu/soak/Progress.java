package kemu.soak;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import kemu.host.HostUsage;
import kemu.workload.Counts;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Live progress on standard error: a bar on a terminal, a line every 15 seconds elsewhere. */
final class Progress implements AutoCloseable {
    private static final long LINE_MILLIS = 15_000;
    private static final int SCALE = 1000;

    private final PrintStream out;
    private final String name;
    private final ProgressBar bar;
    private long nextLine = LINE_MILLIS;
    private long lastWork = -1;
    private long movedMillis;
    private long lastFaults;
    private long lastFaultsMillis;
    private double faultsPerSecond;

    /** Progress of the workload called {@code name}; {@code known} if it can be said how much is done. */
    Progress(PrintStream out, String name, boolean known) {
        this.out = out;
        this.name = name;
        bar = isTerminal(out)
                ? new ProgressBarBuilder()
                        .setTaskName(name)
                        .setInitialMax(known ? SCALE : -1)
                        .setStyle(ProgressBarStyle.ASCII)
                        .setUpdateIntervalMillis(1000)
                        .hideEta()
                        .setConsumer(new ConsoleProgressBarConsumer(out))
                        .build()
                : null;
    }

    /** True if {@code out} is standard error, and both it and standard input are a terminal. */
    static boolean isTerminal(PrintStream out) {
        return System.console() != null && System.console().isTerminal() && out == System.err;
    }

    /**
     * What there is to say after {@code elapsedMillis}.
     *
     * @param done how much of the work, 0 to 1; negative if that cannot be said
     * @param faults page faults so far
     */
    void update(Counts counts, double done, long faults, long elapsedMillis) {
        long work = faults + counts.syscalls.sum() + counts.touches.sum() + counts.retouches.sum();
        if (work != lastWork) {
            lastWork = work;
            movedMillis = elapsedMillis;
        }
        if (bar != null) {
            rate(faults, elapsedMillis, 1000);
            bar.stepTo(done < 0 ? elapsedMillis / 1000 : (long) (done * SCALE));
            bar.setExtraMessage(" " + state(counts, elapsedMillis));
        } else if (elapsedMillis >= nextLine) {
            nextLine = elapsedMillis + LINE_MILLIS;
            rate(faults, elapsedMillis, 1);
            out.printf(
                    Locale.ROOT,
                    "kemu: %s %s elapsed%s, %s%n",
                    name,
                    Duration.ofSeconds(elapsedMillis / 1000)
                            .toString()
                            .substring(2)
                            .toLowerCase(Locale.ROOT),
                    done < 0 ? "" : String.format(Locale.ROOT, ", %.0f %%", done * 100),
                    state(counts, elapsedMillis));
        }
    }

    /** Faults per second since this was worked out last, at least {@code everyMillis} before. */
    private void rate(long faults, long elapsedMillis, long everyMillis) {
        long span = elapsedMillis - lastFaultsMillis;
        if (span >= everyMillis) {
            faultsPerSecond = 1e3 * (faults - lastFaults) / span;
            lastFaults = faults;
            lastFaultsMillis = elapsedMillis;
        }
    }

    private String state(Counts counts, long elapsedMillis) {
        long host = HostUsage.rssBytes();
        return String.format(
                Locale.ROOT,
                "%d processes, %.0f faults/s%s, last progress %d s ago",
                counts.processes.sum(),
                faultsPerSecond,
                host == 0 ? "" : ", host memory " + (host >> 20) + " MiB",
                (elapsedMillis - movedMillis) / 1000);
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
