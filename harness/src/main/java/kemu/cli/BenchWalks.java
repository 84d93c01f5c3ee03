package kemu.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import kemu.bench.WalkBench;
import kemu.bench.WalkBench.Cell;
import kemu.bench.WalkPage;
import kemu.host.Stop;

/** What {@code kemu bench aim7} says, its {@code bench.json} and its page with pictures. */
final class BenchWalks {
    private static final String TITLE = "kemu bench aim7: rmap walks";

    private final BenchOutput output;

    /** With {@code quick}, nothing is told but that it works. */
    BenchWalks(Path out, boolean quick, PrintStream progress) {
        output = new BenchOutput("aim7", out, quick, progress);
    }

    /** Measures and prints; returns the exit code. Cells are printed when they are known. */
    int print(WalkBench bench) {
        Stop.served(BenchTable::endForks);
        output.line(
                output.quick()
                        ? "anon-vma               anon_vmas children (with --quick, too few walks to tell a time)"
                        : String.format(
                                "%-22s %-9s %8s %10s %8s %10s %10s %18s %10s",
                                "anon-vma",
                                "anon_vmas",
                                "children",
                                "VMAs/walk",
                                "walks",
                                "mean us",
                                "p50 us",
                                "least..most",
                                "p99 us"));
        List<Cell> cells = bench.run(output::step, this::print);
        StringBuilder summary = output.summary("", cells.size());
        if (!output.quick()) {
            sum(bench, cells, summary);
        }
        return output.end(
                summary,
                bench.plan(),
                (json, plan) -> json.writeNumberField("repeat", plan.repeat()),
                cells,
                (json, one) -> {
                    json.writeStringField("anon_vma", one.strategy());
                    json.writeStringField("anon_vmas", one.anonVmas());
                    json.writeNumberField("children", one.children());
                    json.writeNumberField("vmas_per_walk", one.vmasPerWalk());
                    json.writeNumberField("walks", one.walks());
                    json.writeNumberField("walk_mean_ns", one.meanNanos());
                    json.writeNumberField("walk_p50_ns", one.p50Nanos());
                    json.writeNumberField("walk_p50_ns_least", one.leastNanos());
                    json.writeNumberField("walk_p50_ns_most", one.mostNanos());
                    json.writeNumberField("walk_p99_ns", one.p99Nanos());
                    json.writeStringField(
                            "reproduce", "./kemu " + bench.command(one.strategy(), one.anonVmas(), one.children()));
                },
                (file, table) -> WalkPage.write(file, TITLE, cells, table));
    }

    private void sum(WalkBench bench, List<Cell> cells, StringBuilder summary) {
        for (Cell one : cells) {
            summary.append(' ')
                    .append(key(one.strategy()))
                    .append('_')
                    .append(one.anonVmas())
                    .append("_children")
                    .append(one.children())
                    .append(String.format(Locale.ROOT, "_walk_p50_ns=%.0f", one.p50Nanos()));
        }
        // What is missing might be where chains are faster.
        for (String strategy :
                Stop.requested() ? List.<String>of() : bench.plan().strategies()) {
            int crossover = WalkBench.crossover(cells, strategy);
            output.line(
                    crossover == 0
                            ? strategy + ": no number of children with which chains walk faster"
                            : strategy + ": chains walk faster from " + crossover + " children on, of those measured");
            summary.append(' ')
                    .append(key(strategy))
                    .append("_crossover_children=")
                    .append(crossover);
        }
    }

    private static String key(String strategy) {
        return strategy.replace('-', '_');
    }

    private void print(Cell one) {
        String cell = String.format("%-22s %-9s %8d", one.strategy(), one.anonVmas(), one.children());
        if (output.quick()) {
            output.line(cell + " works");
            return;
        }
        output.line(String.format(
                Locale.ROOT,
                "%s %10.1f %8.0f %10.2f %10.2f %18s %10.2f",
                cell,
                one.vmasPerWalk(),
                one.walks(),
                one.meanNanos() / 1e3,
                one.p50Nanos() / 1e3,
                String.format(Locale.ROOT, "%.2f..%.2f", one.leastNanos() / 1e3, one.mostNanos() / 1e3),
                one.p99Nanos() / 1e3));
    }
}
