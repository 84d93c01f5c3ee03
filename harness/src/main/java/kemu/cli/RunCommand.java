package kemu.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import kemu.host.Stop;
import kemu.hw.machine.MachineConfig;
import kemu.hw.sync.SpinLocks;
import kemu.mm.Kernel;
import kemu.mm.rmap.AnonVmaLockingProvider;
import kemu.mm.rmap.lock.AnonVmaLockings;
import kemu.rcu.RcuFlavors;
import kemu.report.RunReport;
import kemu.soak.HostMemory;
import kemu.soak.RunConfig;
import kemu.soak.RunSession;
import kemu.trace.LoadOptions;
import kemu.trace.Trace;
import kemu.trace.TraceException;
import kemu.trace.Traces;
import kemu.workload.ForkStorm;
import kemu.workload.Kbuild;
import kemu.workload.Workload;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kemu run}: a workload on the native machine, with latencies and all oracles. */
@Command(
        name = "run",
        description = "Runs a workload and reports latencies, leaks and wrong memory.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class RunCommand implements Callable<Integer> {
    private static final List<String> WORKLOADS = List.of("kbuild", "forkstorm");
    /** Smallest memory a kernel boots in and can still run a process. */
    private static final long LEAST_MEMORY = 4L << 20;
    /** What the JVM itself needs beside the emulated memory. */
    private static final long HOST_RESERVE = 512L << 20;

    @Parameters(paramLabel = "WORKLOAD", description = "kbuild, forkstorm")
    private String workload;

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description = "strace log (plain, .gz, .xz) or .ktrace; default: bundled")
    private Path trace;

    @Option(names = "--faults", paramLabel = "FILE", description = "page faults per process, tab-separated")
    private Path faults;

    @Option(names = "--lenient", description = "skip and count trace lines that cannot be understood")
    private boolean lenient;

    @Option(names = "--cpus", paramLabel = "N", defaultValue = "2", description = "emulated CPUs (default 2)")
    private int cpus;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            defaultValue = "1g",
            converter = Sizes.Bytes.class,
            description = "emulated memory (default 1g)")
    private long memory;

    @Option(
            names = "--swap",
            paramLabel = "SIZE",
            converter = Sizes.Bytes.class,
            description = "swap area (default: twice the memory, at most 4g)")
    private Long swap;

    @Option(names = "--copies", paramLabel = "N", defaultValue = "1", description = "kbuild: builds at once")
    private int copies;

    @Option(names = "--jobs", paramLabel = "J", defaultValue = "1", description = "forkstorm: parents at once")
    private int jobs;

    @Option(
            names = "--duration",
            paramLabel = "T",
            converter = Sizes.Millis.class,
            description = "repeat until this much time has passed")
    private Long duration;

    @Option(names = "--processes", paramLabel = "N", description = "forkstorm: children in all")
    private Long processes;

    @Option(names = "--repeat", paramLabel = "N", description = "kbuild: builds one after the other (default 1)")
    private Long repeat;

    @Option(names = "--pace", paramLabel = "PACE", defaultValue = "asap", description = "asap or recorded")
    private String pace;

    @Option(
            names = "--vfork",
            paramLabel = "share|copy",
            defaultValue = "share",
            description = "kbuild: vfork and posix_spawn share the parent's memory, or copy it as fork does")
    private String vfork;

    @Option(names = "--machine", paramLabel = "M", defaultValue = "native", description = "native")
    private String machine;

    @Option(
            names = "--rcu",
            paramLabel = "R",
            defaultValue = "sched",
            description = "sched, or preempt: readers can be preempted (default sched)")
    private String rcu;

    @Option(
            names = "--preempt",
            paramLabel = "on|off",
            defaultValue = "on",
            description = "preemptible kernel (default on)")
    private String preempt;

    @Option(
            names = "--poll-before-locks",
            description = "spinlocks serve interrupts first: a bias towards readers that are preempted (default off)")
    private boolean pollBeforeLocks;

    @Option(
            names = "--anon-vma",
            paramLabel = "NAME",
            defaultValue = "root-recheck",
            description = "see kemu list strategies")
    private String anonVma;

    @Option(
            names = "--spinlock",
            paramLabel = "NAME",
            defaultValue = "ticket",
            description = "see kemu list strategies")
    private String spinLock;

    @Option(names = "--vmas", paramLabel = "V", defaultValue = "16", description = "forkstorm: mappings of the parent")
    private int vmas;

    @Option(names = "--pages", paramLabel = "P", defaultValue = "16", description = "forkstorm: pages per mapping")
    private int pages;

    @Option(
            names = "--touch",
            paramLabel = "T",
            defaultValue = "4",
            description = "forkstorm: pages a child writes per mapping")
    private int touch;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1", description = "seed (default 1)")
    private long seed;

    @Option(names = "--out", paramLabel = "DIR", description = "write run.json, latency.hlog, counters.jsonl here")
    private Path out;

    @Override
    public Integer call() throws IOException {
        UsageException.requireOneOf("workload", workload, WORKLOADS);
        checkOptions();
        Function<Kernel, Workload> factory;
        long swapBytes = swap == null ? Math.min(2 * memory, 4L << 30) : swap;
        checkMemory(swapBytes);
        RunConfig config = new RunConfig(
                workload,
                cpus,
                memory,
                swapBytes,
                seed,
                anonVma,
                spinLock,
                preempt.equals("on"),
                rcu,
                pollBeforeLocks,
                duration == null ? 0 : duration,
                out);
        RunSession session = new RunSession(config, System.err);
        factory = workload.equals("kbuild") ? kbuild(session) : forkStorm(session);
        prepareOut();
        System.out.printf(
                "kemu %s  run %s  seed=%d cpus=%d memory=%dm swap=%dm anon-vma=%s spinlock=%s rcu=%s preempt=%s%s%n",
                Version.current(),
                workload,
                seed,
                cpus,
                memory >> 20,
                swapBytes >> 20,
                anonVma,
                spinLock,
                rcu,
                preempt,
                pollBeforeLocks ? " poll-before-locks=on" : "");
        Stop.served(session::interrupt);
        RunReport report = session.run(factory);
        report.print(System.out);
        return report.verdict().exitCode();
    }

    private void prepareOut() {
        if (out == null) {
            return;
        }
        try {
            Files.createDirectories(out);
        } catch (IOException cannot) {
            throw new UsageException("--out: cannot make directory " + out + " (" + cannot.getMessage() + ")");
        }
        if (!Files.isWritable(out)) {
            throw new UsageException("--out: cannot write to " + out);
        }
    }

    private Function<Kernel, Workload> kbuild(RunSession session) {
        Trace loaded;
        try {
            loaded = trace == null && faults == null
                    ? Traces.bundled()
                    : Traces.load(requireTrace(), new LoadOptions(faults, lenient));
        } catch (TraceException unusable) {
            throw new UsageException(unusable.getMessage());
        }
        long rounds = repeat != null ? repeat : duration != null ? 0 : 1;
        Trace input = loaded;
        return kernel -> new Kbuild(
                kernel, session.counts(), input, copies, rounds, pace.equals("recorded"), vfork.equals("copy"));
    }

    private Path requireTrace() {
        if (trace == null) {
            throw new UsageException("--faults: given without --trace (the bundled trace has its own table)");
        }
        return trace;
    }

    private Function<Kernel, Workload> forkStorm(RunSession session) {
        ForkStorm.Shape shape = new ForkStorm.Shape(vmas, pages, touch, jobs);
        long children = processes != null ? processes : duration != null ? 0 : 10_000;
        return kernel -> new ForkStorm(kernel, session.counts(), shape, children);
    }

    private void checkOptions() {
        range("--cpus", cpus, 1, MachineConfig.MAX_CPUS);
        range("--copies", copies, 1, 64);
        range("--jobs", jobs, 1, 256);
        range("--vmas", vmas, 1, 10_000);
        range("--pages", pages, 1, 100_000);
        range("--touch", touch, 0, pages);
        if (repeat != null) {
            range("--repeat", repeat, 1, 1_000_000_000L);
        }
        if (processes != null) {
            range("--processes", processes, 1, 1_000_000_000_000L);
        }
        UsageException.requireOneOf("--pace", pace, List.of("asap", "recorded"));
        UsageException.requireOneOf("--vfork", vfork, List.of("share", "copy"));
        UsageException.requireOneOf("--machine", machine, List.of("native"));
        UsageException.requireOneOf("--rcu", rcu, List.of(RcuFlavors.names()));
        UsageException.requireOneOf("--preempt", preempt, List.of("on", "off"));
        if (rcu.equals("preempt") && preempt.equals("off")) {
            throw new UsageException("--rcu: preempt needs a preemptible kernel (--preempt on)");
        }
        if (pollBeforeLocks && preempt.equals("off")) {
            throw new UsageException("--poll-before-locks: needs a preemptible kernel (--preempt on)");
        }
        UsageException.requireOneOf(
                "--anon-vma",
                anonVma,
                AnonVmaLockings.all().stream().map(AnonVmaLockingProvider::name).toList());
        UsageException.requireOneOf("--spinlock", spinLock, List.of(SpinLocks.names()));
        if (duration != null && (repeat != null || processes != null)) {
            throw new UsageException("--duration: cannot be combined with --repeat or --processes");
        }
        boolean kbuild = workload.equals("kbuild");
        if (kbuild && processes != null) {
            throw new UsageException("--processes: not for kbuild (use --repeat, --copies or --duration)");
        }
        if (!kbuild && (trace != null || faults != null || repeat != null)) {
            throw new UsageException("--trace, --faults, --repeat: only for kbuild");
        }
    }

    private void checkMemory(long swapBytes) {
        if (memory < LEAST_MEMORY) {
            throw new UsageException(
                    "--memory: " + memory + " bytes (allowed: at least " + (LEAST_MEMORY >> 20) + "m)");
        }
        long most = HostMemory.totalBytes() - HOST_RESERVE;
        if (memory > most) {
            throw new UsageException(
                    "--memory: " + (memory >> 20) + "m is more than this host allows (at most " + (most >> 20) + "m)");
        }
        if (swapBytes > most || swapBytes > (1L << 36)) {
            throw new UsageException("--swap: " + (swapBytes >> 20) + "m is more than this host allows (at most "
                    + (Math.min(most, 1L << 36) >> 20) + "m)");
        }
    }

    private static void range(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new UsageException(option + ": " + value + " (allowed: " + least + ".." + most + ")");
        }
    }
}
