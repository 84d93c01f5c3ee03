package kemu.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import kemu.option.UsageException;
import kemu.trace.TraceInput;
import kemu.trace.Traces;
import kemu.trace.model.Trace;
import kemu.trace.model.TraceException;
import kemu.trace.stat.StatReport;
import kemu.trace.stat.TraceStat;
import kemu.trace.store.TraceFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kemu trace import|stat}: recordings of process trees. */
@Command(
        name = "trace",
        description = "Turn strace logs into compact traces; print what a trace holds.",
        mixinStandardHelpOptions = true,
        subcommands = {TraceCommand.Import.class, TraceCommand.Stat.class})
public final class TraceCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "trace: no action given (allowed: import, stat)");
    }

    /** {@code kemu trace import}. */
    @Command(
            name = "import",
            description = "Turn an strace log (best: strace -f -ttt; plain, .gz or .xz; a folder of -ff; - for standard"
                    + " input) into a compact trace.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class Import implements Callable<Integer> {
        @Parameters(paramLabel = "FILE", description = "The log.")
        private Path file;

        @Mixin
        private TraceInput input = new TraceInput();

        @Option(names = "-o", required = true, paramLabel = "OUT.ktrace", description = "File to write.")
        private Path out;

        @Override
        public Integer call() {
            try {
                Trace trace = input.load(file);
                TraceFile.write(trace, out);
                trace.notes().counts().entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .forEach(e -> System.out.println("note: " + e.getKey() + ": " + e.getValue()));
                return summary("import", trace, " bytes=" + Files.size(out));
            } catch (TraceException e) {
                throw new UsageException(e.getMessage());
            } catch (IOException e) {
                throw new UsageException(out + ": cannot be written: " + reason(e));
            }
        }
    }

    /** {@code kemu trace stat}. */
    @Command(name = "stat", description = "Print what a trace holds.", mixinStandardHelpOptions = true)
    static final class Stat implements Callable<Integer> {
        @Parameters(
                paramLabel = "FILE",
                arity = "0..1",
                description = "An strace log, a folder of strace -ff, - for standard input, or a compact trace "
                        + "(default: the bundled recording).")
        private Path file;

        @Mixin
        private TraceInput input = new TraceInput();

        @Option(names = "--json", paramLabel = "OUT.json", description = "Also write the figures as JSON.")
        private Path json;

        @Option(
                names = "--images",
                paramLabel = "N",
                defaultValue = "30",
                description = "Rows of the table of images (default: ${DEFAULT-VALUE}).")
        private int rows;

        @Override
        public Integer call() {
            if (rows < 0) {
                throw new UsageException("--images: " + rows + " (allowed: 0 or more)");
            }
            try {
                Trace trace = file == null ? Traces.bundled() : input.load(file);
                TraceStat stat = TraceStat.of(trace);
                PrintStream text = new PrintStream(new BufferedOutputStream(System.out), false);
                StatReport.render(stat, text, rows);
                text.flush();
                if (json != null) {
                    try (OutputStream out = Files.newOutputStream(json)) {
                        StatReport.writeJson(stat, out);
                    }
                }
                return summary("stat", trace, "");
            } catch (TraceException e) {
                throw new UsageException(e.getMessage());
            } catch (IOException e) {
                throw new UsageException(json + ": cannot be written: " + reason(e));
            }
        }
    }

    private static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such folder";
        }
        return e instanceof AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
    }

    private static int summary(String action, Trace trace, String more) {
        TraceStat stat = TraceStat.of(trace);
        System.out.printf(
                Locale.ROOT,
                "SUMMARY verb=trace action=%s verdict=PASS processes=%d threads=%d images=%d faults=%d execs=%d"
                        + " exits=%d kills=%d without_lines=%d pids=%s times=%s lacks=%s%s%n",
                action,
                stat.recordedProcesses(),
                stat.recordedThreads(),
                trace.imageCount(),
                trace.plannedFaults(),
                stat.execs(),
                stat.exits(),
                stat.kills(),
                trace.procCount() - stat.recordedProcesses() - stat.recordedThreads(),
                trace.form().pids(),
                trace.form().times(),
                lacks(trace),
                more);
        return 0;
    }

    private static String lacks(Trace trace) {
        if (trace.form().lacks().isEmpty()) {
            return "nothing";
        }
        return trace.form().lacks().stream()
                .map(what -> what.replaceAll(" \\(.*\\)", "").replace(' ', '_'))
                .collect(Collectors.joining(","));
    }
}
