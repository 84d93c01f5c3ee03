package kemu.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import kemu.bench.FaultBench;
import kemu.bench.FaultBench.Cell;
import kemu.bench.FaultPage;
import kemu.host.Stop;

/** What {@code kemu bench pagefault} says, its {@code bench.json} and its page with pictures. */
final class BenchFaults {
    private final BenchOutput output;

    /** With {@code quick}, nothing is told but that it works. */
    BenchFaults(Path out, boolean quick, PrintStream progress) {
        output = new BenchOutput("pagefault", out, quick, progress);
    }

    /** Measures and prints; returns the exit code. Cells are printed when they are known. */
    int print(FaultBench bench) {
        Stop.served(BenchTable::endForks);
        output.line(
                output.quick()
                        ? "lookup                        cpus       (with --quick a sample is too small to tell a rate)"
                        : String.format(
                                "%-28s %5s %12s %24s %8s %10s %10s",
                                "lookup", "cpus", "faults/s", "least..most", "ratio", "p50 us", "p99 us"));
        List<Cell> cells = bench.run(output::step, this::print);
        StringBuilder summary = output.summary(" shape=" + bench.plan().shape(), cells.size());
        (output.quick() ? List.<Cell>of() : cells)
                .forEach(one -> summary.append(' ')
                        .append(one.lookup().replace('-', '_'))
                        .append("_cpus")
                        .append(one.cpus())
                        .append(String.format(Locale.ROOT, "_faults_per_s=%.0f", one.perSecond())));
        String title = "kemu bench pagefault: " + bench.plan().shape();
        return output.end(
                summary,
                bench.plan(),
                (json, plan) -> {
                    json.writeStringField("shape", plan.shape());
                    json.writeNumberField("duration_ms", plan.millis());
                    json.writeNumberField("repeat", plan.repeat());
                },
                cells,
                (json, one) -> {
                    json.writeStringField("vma_lookup", one.lookup());
                    json.writeNumberField("cpus", one.cpus());
                    json.writeNumberField("faults_per_s", one.perSecond());
                    json.writeNumberField("faults_per_s_least", one.least());
                    json.writeNumberField("faults_per_s_most", one.most());
                    json.writeNumberField("ratio", one.ratio());
                    json.writeNumberField("fault_p50_ns", one.p50Nanos());
                    json.writeNumberField("fault_p99_ns", one.p99Nanos());
                    json.writeStringField("reproduce", "./kemu " + bench.command(one.lookup(), one.cpus()));
                },
                (file, table) -> FaultPage.write(file, title, cells, table));
    }

    private void print(Cell one) {
        if (output.quick()) {
            output.line(String.format("%-28s %5d works", one.lookup(), one.cpus()));
            return;
        }
        output.line(String.format(
                Locale.ROOT,
                "%-28s %5d %12.0f %24s %8.2f %10.2f %10.2f",
                one.lookup(),
                one.cpus(),
                one.perSecond(),
                String.format(Locale.ROOT, "%.0f..%.0f", one.least(), one.most()),
                one.ratio(),
                one.p50Nanos() / 1e3,
                one.p99Nanos() / 1e3));
    }
}
