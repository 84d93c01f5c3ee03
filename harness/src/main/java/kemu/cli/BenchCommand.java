package kemu.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import kemu.bench.Benchmarks;
import kemu.bench.CheckBench;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kemu bench}: operations of the emulated kernel beside peers outside it, measured in the same session. */
@Command(
        name = "bench",
        description = "Measures operations of the emulated kernel beside a peer outside it.",
        mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {
    private static final String CHECK = "check";

    @Parameters(paramLabel = "NAME", arity = "0..*", description = "see kemu list benchmarks; default: all but check")
    private List<String> names = List.of();

    @Option(names = "--quick", description = "one short iteration: shows that a benchmark works, measures nothing")
    private boolean quick;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "kemu-out",
            description = "of check: where bench.json goes (default kemu-out)")
    private Path out;

    @Override
    public Integer call() throws RunnerException, IOException {
        if (names.equals(List.of(CHECK))) {
            return new BenchCheck(out).print(new CheckBench(quick).run());
        }
        if (names.contains(CHECK)) {
            throw new UsageException("benchmark: check is measured alone");
        }
        for (String name : names) {
            UsageException.requireOneOf("benchmark", name, allNames());
        }
        List<String> chosen = names.isEmpty() ? Benchmarks.names() : names;
        if (!quick) {
            System.err.println("kemu: measuring " + chosen.size() + " operations and their peers, about "
                    + chosen.size() * 20 + " s");
        }
        StringBuilder summary = new StringBuilder("SUMMARY verb=bench verdict=PASS");
        System.out.printf("%-12s %12s %10s   %-16s %10s %8s%n", "operation", "ns/op", "+-", "peer", "ns/op", "ratio");
        for (Benchmarks.Row row : Benchmarks.run(chosen, quick)) {
            System.out.printf(
                    Locale.ROOT,
                    "%-12s %12.2f %10.2f   %-16s %10.2f %8.2f%n",
                    row.name(),
                    row.nanos(),
                    row.error(),
                    row.peer(),
                    row.peerNanos(),
                    row.ratio());
            summary.append(String.format(
                    Locale.ROOT, " %s_ns=%.2f %s_ratio=%.2f", row.name(), row.nanos(), row.name(), row.ratio()));
        }
        System.out.println(summary);
        return 0;
    }

    /** Everything that can be measured. */
    static List<String> allNames() {
        List<String> all = new ArrayList<>(Benchmarks.names());
        all.add(CHECK);
        return all;
    }
}
