package kemu.workload;

import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import kemu.mm.Kernel;
import kemu.option.UsageException;
import kemu.trace.TraceInput;
import kemu.trace.Traces;
import kemu.trace.model.Trace;
import kemu.trace.model.TraceException;
import kemu.trace.strace.Remarks;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kemu run kbuild}. */
final class KbuildProvider implements WorkloadProvider {
    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description = "strace log (plain, .gz, .xz), folder of -ff, - (standard input) or .ktrace")
    private Path trace;

    @Mixin
    private TraceInput input = new TraceInput();

    @Option(names = "--copies", paramLabel = "N", defaultValue = "1", description = "builds at once")
    private int copies;

    @Option(names = "--repeat", paramLabel = "N", description = "builds one after the other (default 1)")
    private Long repeat;

    @Option(names = "--pace", paramLabel = "PACE", defaultValue = "asap", description = "asap or recorded")
    private String pace;

    @Option(
            names = "--vfork",
            paramLabel = "share|copy",
            defaultValue = "share",
            description = "vfork and posix_spawn share the parent's memory, or copy it as fork does")
    private String vfork;

    @Override
    public String name() {
        return "kbuild";
    }

    @Override
    public String description() {
        return "replays a recorded kernel build";
    }

    @Override
    public List<String> latencies() {
        return List.of(
                "mmap",
                "munmap",
                "mprotect",
                "brk",
                "mremap",
                "fork",
                "exec",
                "exit",
                "fault_zero",
                "fault_anon",
                "fault_file_read",
                "fault_cow_file",
                "fault_cow",
                "fault_reuse",
                "fault_shared_write");
    }

    @Override
    public void check(boolean timed) {
        UsageException.requireRange("--copies", copies, 1, 64);
        WorkloadProvider.requireOneLimit("--repeat", repeat, 1_000_000_000L, timed);
        UsageException.requireOneOf("--pace", pace, List.of("asap", "recorded"));
        UsageException.requireOneOf("--vfork", vfork, List.of("share", "copy"));
        if (trace == null && input.given() != null) {
            throw new UsageException(
                    input.given() + ": given without --trace (the bundled trace is understood and has its own faults)");
        }
    }

    @Override
    public BiFunction<Kernel, Counts, Workload> workload(boolean timed) {
        Trace loaded;
        try {
            loaded = trace == null ? Traces.bundled() : input.load(trace);
        } catch (TraceException unusable) {
            throw new UsageException(unusable.getMessage());
        }
        if (pace.equals("recorded") && loaded.notes().count(Remarks.NO_TIMES) != 0) {
            System.err.println("kemu: --pace recorded: the log has no times, so nothing is waited for");
        }
        long rounds = repeat != null ? repeat : timed ? 0 : 1;
        return (kernel, counts) ->
                new Kbuild(kernel, counts, loaded, copies, rounds, pace.equals("recorded"), vfork.equals("copy"));
    }
}
