package kemu.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import kemu.bench.FaultBench;
import kemu.bench.FaultBench.Cell;
import kemu.bench.FaultPage;
import kemu.host.SafeFiles;
import kemu.host.Stop;

/** What {@code kemu bench pagefault} says, its {@code bench.json} and its page with pictures. */
final class BenchFaults {
    private static final int SCHEMA = 1;

    private final Path out;
    private final PrintStream progress;
    private final boolean quick;
    private final StringBuilder table = new StringBuilder();

    /** With {@code quick}, nothing is told but that it works. */
    BenchFaults(Path out, boolean quick, PrintStream progress) {
        this.out = out;
        this.quick = quick;
        this.progress = progress;
    }

    /** Measures and prints; returns the exit code. Cells are printed when they are known. */
    int print(FaultBench bench) {
        Stop.served(BenchTable::endForks);
        line(
                quick
                        ? "lookup                        cpus       (with --quick a sample is too small to tell a rate)"
                        : String.format(
                                "%-28s %5s %12s %24s %8s %10s %10s",
                                "lookup", "cpus", "faults/s", "least..most", "ratio", "p50 us", "p99 us"));
        List<Cell> cells = bench.run(step -> progress.println("kemu: bench pagefault: " + step), this::print);
        StringBuilder summary = new StringBuilder("SUMMARY verb=bench verdict=");
        summary.append(Stop.requested() ? "UNKNOWN" : "PASS")
                .append(" interrupted=")
                .append(Stop.requested())
                .append(" quick=")
                .append(quick)
                .append(" shape=")
                .append(bench.plan().shape())
                .append(" cells=")
                .append(cells.size());
        (quick ? List.<Cell>of() : cells)
                .forEach(one -> summary.append(' ')
                        .append(one.lookup().replace('-', '_'))
                        .append("_cpus")
                        .append(one.cpus())
                        .append(String.format(Locale.ROOT, "_faults_per_s=%.0f", one.perSecond())));
        int code = Stop.requested() ? Main.UNKNOWN : 0;
        String title = "kemu bench pagefault: " + bench.plan().shape();
        try {
            SafeFiles.writeText(out.resolve("bench.json"), writer -> json(bench, cells, writer));
            FaultPage.write(out.resolve("bench.html"), title, cells, table.toString());
        } catch (IOException unwritable) {
            System.err.println("kemu: " + out + ": not written: " + SafeFiles.reason(unwritable));
            code = code == 0 ? Main.INTERNAL : code;
        }
        System.out.println(summary);
        return code;
    }

    private void line(String text) {
        System.out.println(text);
        table.append(text).append('\n');
    }

    private void print(Cell one) {
        if (quick) {
            line(String.format("%-28s %5d works", one.lookup(), one.cpus()));
            return;
        }
        line(String.format(
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

    private void json(FaultBench bench, List<Cell> cells, Writer writer) throws IOException {
        try (JsonGenerator json = new JsonFactory().createGenerator(writer)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            json.writeNumberField("schema", SCHEMA);
            json.writeStringField("verb", "bench");
            json.writeStringField("benchmark", "pagefault");
            json.writeStringField("version", Version.current());
            json.writeBooleanField("interrupted", Stop.requested());
            json.writeBooleanField("quick", quick);
            json.writeStringField("shape", bench.plan().shape());
            json.writeNumberField("duration_ms", bench.plan().millis());
            json.writeNumberField("repeat", bench.plan().repeat());
            json.writeArrayFieldStart("cells");
            for (Cell one : cells) {
                json.writeStartObject();
                json.writeStringField("vma_lookup", one.lookup());
                json.writeNumberField("cpus", one.cpus());
                json.writeNumberField("faults_per_s", one.perSecond());
                json.writeNumberField("faults_per_s_least", one.least());
                json.writeNumberField("faults_per_s_most", one.most());
                json.writeNumberField("ratio", one.ratio());
                json.writeNumberField("fault_p50_ns", one.p50Nanos());
                json.writeNumberField("fault_p99_ns", one.p99Nanos());
                json.writeStringField("reproduce", "./kemu " + bench.command(one.lookup(), one.cpus()));
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }
}
