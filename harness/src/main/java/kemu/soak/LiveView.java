package kemu.soak;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kemu.host.HostPauses;
import kemu.host.HostUsage;
import kemu.latency.Figures;
import kemu.metrics.MetricsSource;
import kemu.mm.page.VmStatItem;
import kemu.soak.live.Look;
import kemu.soak.trend.LeakTrends;

/**
 * All there is to know of a run while it goes on, in some lines: on a terminal in place, every second; elsewhere below
 * one another, every 15 seconds.
 */
final class LiveView {
    private static final long TERMINAL_MILLIS = 1_000;
    private static final long FILE_MILLIS = 15_000;
    private static final int MOST_SERIES = 12;
    /** A line that wraps would be two, and in the way of the next. */
    private static final int WIDTH = 79;

    private static final double MIB = 1 << 20;
    private static final double PAGES_PER_MIB = 256;

    private final PrintStream out;
    private final String name;
    private final MetricsSource run;
    private final LeakTrends trends;
    private final boolean terminal;
    private long next;
    private int shown;
    private Look before;
    private Map<String, Long> workBefore;

    LiveView(PrintStream out, String name, MetricsSource run, LeakTrends trends, boolean terminal) {
        this.out = out;
        this.name = name;
        this.run = run;
        this.trends = trends;
        this.terminal = terminal;
        next = terminal ? TERMINAL_MILLIS : FILE_MILLIS;
        before = run.look();
        workBefore = run.work();
    }

    /** Shows {@code now}, if it is time to. */
    void update(Look now, double done) {
        if (now.elapsedMillis() < next) {
            return;
        }
        next = now.elapsedMillis() + (terminal ? TERMINAL_MILLIS : FILE_MILLIS);
        List<String> lines = lines(now, done);
        StringBuilder text = new StringBuilder();
        if (terminal && shown > 0) {
            // Up to where the last ones began, and away with them.
            text.append("\033[").append(shown).append("A\033[J");
        }
        lines.forEach(line -> text.append(terminal && line.length() > WIDTH ? line.substring(0, WIDTH) : line)
                .append(System.lineSeparator()));
        shown = lines.size();
        out.print(text);
        out.flush();
        before = now;
        workBefore = run.work();
    }

    private List<String> lines(Look now, double done) {
        List<String> lines = new ArrayList<>();
        double seconds = Math.max(1e-3, (now.elapsedMillis() - before.elapsedMillis()) / 1e3);
        Map<String, Long> work = run.work();
        HostPauses.Totals pauses = run.pauses();
        lines.add("kemu: " + name + " "
                + Duration.ofSeconds(now.elapsedMillis() / 1000)
                        .toString()
                        .substring(2)
                        .toLowerCase(Locale.ROOT)
                + " elapsed" + (done < 0 ? "" : String.format(Locale.ROOT, ", %.0f %%", done * 100)) + ", "
                + now.processes() + " processes");
        lines.add(String.format(
                Locale.ROOT,
                "  rates/s   %.0f faults, %.0f forks, %.0f calls, %.0f processes",
                rate(now, VmStatItem.PGFAULT, seconds),
                (work.get("forks") - workBefore.get("forks")) / seconds,
                (work.get("syscalls") - workBefore.get("syscalls")) / seconds,
                (now.processes() - before.processes()) / seconds));
        lines.add(String.format(
                Locale.ROOT,
                "  memory    %.1f MiB of %.0f: anon %.1f, file %.1f, slab %.1f; host %.0f MiB",
                now.usedPages() / PAGES_PER_MIB,
                (now.usedPages() + now.freePages()) / PAGES_PER_MIB,
                now.count(VmStatItem.NR_ANON_PAGES) / PAGES_PER_MIB,
                now.count(VmStatItem.NR_FILE_PAGES) / PAGES_PER_MIB,
                now.slabPages() / PAGES_PER_MIB,
                HostUsage.rssBytes() / MIB));
        lines.add(String.format(
                Locale.ROOT,
                "  swap      %.1f MiB in use, %.0f pages in/s, %.0f pages out/s",
                now.swapPages() / PAGES_PER_MIB,
                rate(now, VmStatItem.PSWPIN, seconds),
                rate(now, VmStatItem.PSWPOUT, seconds)));
        lines.add(String.format(
                Locale.ROOT,
                "  rcu       oldest grace period %d ms, %d done, %d callbacks wait, %d stalls",
                now.graceAgeMillis(),
                now.gracePeriods(),
                now.callbacks(),
                now.stalls()));
        lines.add("  leaks     " + (trends.soFar().isEmpty() ? "not known before two rests" : trends.soFar()));
        lines.add(String.format(
                Locale.ROOT,
                "  lost      %d OOM kills, %d gave up, %d skipped, %d forks failed",
                now.count(VmStatItem.OOM_KILL),
                work.get("gave_up"),
                work.get("skipped"),
                work.get("fork_failures")));
        lines.add(String.format(
                Locale.ROOT,
                "  wrong     %d unlocks, %d stamps, %d accesses, %d calls",
                now.wrongUnlocks(),
                work.get("stamp_errors"),
                work.get("access_errors"),
                work.get("syscall_errors")));
        lines.add(String.format(
                Locale.ROOT, "  host      %d pauses, longest %.2f s", pauses.count(), pauses.longest() / 1e9));
        latencies(lines);
        return lines;
    }

    private double rate(Look now, VmStatItem item, double seconds) {
        return (now.count(item) - before.count(item)) / seconds;
    }

    private void latencies(List<String> lines) {
        List<Figures> busiest = run.latencies().stream()
                .filter(one -> one.recent() != 0)
                .sorted(Comparator.comparingLong(Figures::recent).reversed())
                .limit(MOST_SERIES)
                .toList();
        if (!busiest.isEmpty()) {
            lines.add("  last 10 s, us               count        p50        p99          max");
        }
        for (Figures one : busiest) {
            lines.add(String.format(
                    Locale.ROOT,
                    "  %-20s %12d %10.2f %10.2f %12.2f",
                    one.tag(),
                    one.recent(),
                    one.p50() / 1e3,
                    one.p99() / 1e3,
                    one.max() / 1e3));
        }
    }
}
