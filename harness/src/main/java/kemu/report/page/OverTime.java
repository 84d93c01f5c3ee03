package kemu.report.page;

import static kemu.report.Html.escape;

import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.DoubleStream;
import kemu.report.plot.Line;
import kemu.report.plot.Picture;
import kemu.report.plot.Plot;
import kemu.report.plot.TimeUnit;
import kemu.results.CounterHistory;
import kemu.results.RunResults;

/** Counters over time: a small picture for each, with what went wrong marked. */
final class OverTime {
    private static final int WIDTH = 340;
    private static final int HEIGHT = 170;
    private static final double PAGES_TO_MIB = 1 / 256.0;
    private static final double BYTES_TO_MIB = 1.0 / (1 << 20);

    private static final List<String> RATES =
            List.of("processes", "pgfault", "pgmajfault", "pswpin", "pswpout", "pgscan_kswapd", "pgscan_direct");
    private static final List<String> MEMORY = List.of(
            "nr_free_pages",
            "nr_anon_pages",
            "nr_file_pages",
            "nr_slab_reclaimable",
            "nr_slab_unreclaimable",
            "nr_page_table_pages",
            "host_rss_bytes");
    private static final List<String> SWAP = List.of("swap_used_pages", "nr_swapcached", "nr_writeback");

    /** What is neither pages nor bytes, and does not only grow. */
    private static final Set<String> PLAIN_STOCKS = Set.of("rcu_callbacks", "grace_period_age_ms");

    private final RunResults run;
    private final CounterHistory counters;
    private final TimeUnit unit;
    private final double[] alarms;
    private final Set<String> left;

    OverTime(RunResults run, List<Mishap> events) {
        this.run = run;
        counters = run.counters();
        unit = TimeUnit.of(run.seconds());
        alarms = events.stream()
                .mapToDouble(event -> unit.from(event.seconds()))
                .distinct()
                .toArray();
        left = new TreeSet<>(counters.names());
    }

    /** Writes all pictures. */
    void write(Writer html) throws IOException {
        if (counters.size() == 0) {
            return;
        }
        group(html, "Rates", RATES);
        group(html, "Memory", MEMORY);
        group(html, "Swap", SWAP);
        group(html, "RCU", named(name -> name.startsWith("rcu_") || name.startsWith("grace_period")));
        group(html, "Locks", named(name -> name.contains("lock") && !name.contains("mlock")));
        List<String> rest = named(name -> true);
        if (!rest.isEmpty()) {
            html.write("<details><summary>" + rest.size() + " more counters that moved</summary>");
            pictures(html, rest);
            html.write("</details>\n");
        }
    }

    private List<String> named(Predicate<String> which) {
        return left.stream().filter(which).filter(this::moved).toList();
    }

    private boolean moved(String name) {
        double[] values = counters.values(name);
        return DoubleStream.of(values)
                .anyMatch(value -> value != values[0] || value != 0 && (values.length == 1 || !isStock(name)));
    }

    private void group(Writer html, String title, List<String> names) throws IOException {
        List<String> there =
                names.stream().filter(left::contains).filter(this::moved).toList();
        if (!there.isEmpty()) {
            html.write("<h2>" + title + "</h2>");
            pictures(html, there);
        }
    }

    private void pictures(Writer html, List<String> names) throws IOException {
        html.write("<div class=\"grid\">");
        for (String name : names) {
            left.remove(name);
            html.write("<figure><figcaption>" + escape(name) + " <span class=\"quiet\">" + unitOf(name)
                    + "</span></figcaption>" + picture(name) + "</figure>\n");
        }
        html.write("</div>\n");
    }

    private String picture(String name) {
        Line line = !isStock(name)
                ? Curve.rate(counters, name, unit::from)
                : Curve.stock(counters, name, factor(name), unit::from);
        return Picture.svg(name + " over time", WIDTH, HEIGHT, () -> {
            var time = Plot.numbers(unit.label());
            time.setRange(0, unit.from(Math.max(1e-3, run.seconds())));
            return new Plot(time, Plot.fromZero(null)).lines(List.of(line)).alarms(alarms);
        });
    }

    private static boolean isStock(String name) {
        return isPages(name) || name.endsWith("_bytes") || PLAIN_STOCKS.contains(name);
    }

    private static boolean isPages(String name) {
        return name.startsWith("nr_") || name.endsWith("_pages") || name.startsWith("ksm_pages_sh");
    }

    private static double factor(String name) {
        return name.endsWith("_bytes") ? BYTES_TO_MIB : isPages(name) ? PAGES_TO_MIB : 1;
    }

    private static String unitOf(String name) {
        return !isStock(name) ? "per second" : PLAIN_STOCKS.contains(name) ? "" : "MiB";
    }
}
