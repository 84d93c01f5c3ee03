package kemu.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import kemu.mm.Kernel;
import kemu.soak.RunSession;
import kemu.trace.LoadOptions;
import kemu.trace.Traces;
import kemu.trace.model.Trace;
import kemu.trace.model.TraceException;
import kemu.trace.strace.Remarks;
import kemu.workload.Kbuild;
import kemu.workload.Workload;
import picocli.CommandLine.Option;

/** Options of {@code kemu run kbuild}. */
final class KbuildOptions implements WorkloadOptions {
    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description = "kbuild: strace log (plain, .gz, .xz), folder of -ff, - (standard input) or .ktrace")
    private Path trace;

    @Option(names = "--faults", paramLabel = "FILE", description = "kbuild: page faults per process, tab-separated")
    private Path faults;

    @Option(names = "--lenient", description = "kbuild: skip and count trace lines that cannot be understood")
    private boolean lenient;

    @Option(names = "--copies", paramLabel = "N", defaultValue = "1", description = "kbuild: builds at once")
    private int copies;

    @Option(names = "--repeat", paramLabel = "N", description = "kbuild: builds one after the other (default 1)")
    private Long repeat;

    @Option(names = "--pace", paramLabel = "PACE", defaultValue = "asap", description = "kbuild: asap or recorded")
    private String pace;

    @Option(
            names = "--vfork",
            paramLabel = "share|copy",
            defaultValue = "share",
            description = "kbuild: vfork and posix_spawn share the parent's memory, or copy it as fork does")
    private String vfork;

    @Override
    public void check(boolean timed) {
        WorkloadOptions.range("--copies", copies, 1, 64);
        WorkloadOptions.requireOneLimit("--repeat", repeat, timed);
        if (repeat != null) {
            WorkloadOptions.range("--repeat", repeat, 1, 1_000_000_000L);
        }
        UsageException.requireOneOf("--pace", pace, List.of("asap", "recorded"));
        UsageException.requireOneOf("--vfork", vfork, List.of("share", "copy"));
        if (trace == null && faults != null) {
            throw new UsageException("--faults: given without --trace (the bundled trace has its own table)");
        }
        if (trace == null && lenient) {
            throw new UsageException("--lenient: given without --trace (the bundled trace is understood)");
        }
    }

    @Override
    public Function<Kernel, Workload> workload(RunSession session, boolean timed) {
        Trace loaded;
        try {
            loaded = trace == null ? Traces.bundled() : Traces.load(trace, new LoadOptions(faults, lenient));
        } catch (TraceException unusable) {
            throw new UsageException(unusable.getMessage());
        }
        if (pace.equals("recorded") && loaded.notes().count(Remarks.NO_TIMES) != 0) {
            System.err.println("kemu: --pace recorded: the log has no times, so nothing is waited for");
        }
        long rounds = repeat != null ? repeat : timed ? 0 : 1;
        return kernel -> new Kbuild(
                kernel, session.counts(), loaded, copies, rounds, pace.equals("recorded"), vfork.equals("copy"));
    }
}
