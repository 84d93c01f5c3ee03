package kemu.cli;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import kemu.bench.Benchmarks;
import kemu.host.Stop;
import org.openjdk.jmh.runner.RunnerException;

/** What {@code kemu bench} says of operations and their peers. */
final class BenchTable {
    /** Of an operation, or a peer: two JVMs, with warm-up. */
    private static final int SECONDS_EACH = 10;

    private final boolean quick;
    private final PrintStream progress;

    /** With {@code quick}, every benchmark is only shown to work. */
    BenchTable(boolean quick, PrintStream progress) {
        this.quick = quick;
        this.progress = progress;
    }

    /** Measures and prints; returns the exit code. Each row is printed when it is known. */
    int print(List<String> names) throws RunnerException {
        StringBuilder figures = new StringBuilder();
        int done = 0;
        Stop.served(BenchTable::endForks);
        System.out.println(
                quick
                        ? String.format(
                                "%-28s %-16s (with --quick a sample is too small to tell a time)", "operation", "peer")
                        : String.format(
                                "%-28s %12s %10s   %-16s %10s %8s",
                                "operation", "ns/op", "+-", "peer", "ns/op", "ratio"));
        for (String name : names) {
            if (!quick) {
                progress.printf(
                        "kemu: bench: %s, %d of %d, about %d s to go%n",
                        name, done + 1, names.size(), seconds(names.subList(done, names.size())));
            }
            List<Benchmarks.Row> rows = measure(name);
            if (rows == null) {
                break;
            }
            done++;
            rows.forEach(row -> figures.append(print(row)));
        }
        System.out.println("SUMMARY verb=bench verdict=" + (done < names.size() ? "UNKNOWN" : "PASS") + " interrupted="
                + Stop.requested() + " quick=" + quick + " operations=" + done + figures);
        return done < names.size() ? Main.UNKNOWN : 0;
    }

    private static int seconds(List<String> names) {
        return names.stream().mapToInt(Benchmarks::measurements).sum() * SECONDS_EACH;
    }

    /** Null if the process was told to end meanwhile. */
    private List<Benchmarks.Row> measure(String name) throws RunnerException {
        if (Stop.requested()) {
            return null;
        }
        try {
            return Benchmarks.run(name, quick);
        } catch (RunnerException failed) {
            if (Stop.requested()) {
                return null;
            }
            throw failed;
        }
    }

    /** Whoever waits for a JVM of a benchmark goes on when it is gone. */
    static void endForks() {
        ProcessHandle.current().descendants().forEach(ProcessHandle::destroy);
    }

    private String print(Benchmarks.Row row) {
        if (quick) {
            System.out.printf("%-28s %-16s works%n", row.name(), row.peer());
            return "";
        }
        System.out.printf(
                Locale.ROOT,
                "%-28s %12.2f %10.2f   %-16s %10.2f %8.2f%n",
                row.name(),
                row.nanos(),
                row.error(),
                row.peer(),
                row.peerNanos(),
                row.ratio());
        return String.format(
                Locale.ROOT, " %s_ns=%.2f %s_ratio=%.2f", row.name(), row.nanos(), row.name(), row.ratio());
    }
}
