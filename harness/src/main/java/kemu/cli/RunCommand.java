package kemu.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import kemu.check.Plugins;
import kemu.host.SafeFiles;
import kemu.host.Stop;
import kemu.hw.machine.MachineConfig;
import kemu.mm.Kernel;
import kemu.mm.mlock.kind.Mlockings;
import kemu.mm.vma.lookup.VmaLookups;
import kemu.option.Sizes;
import kemu.option.UsageException;
import kemu.report.RunReport;
import kemu.report.Verdict;
import kemu.soak.LostWork;
import kemu.soak.RunConfig;
import kemu.soak.RunFolder;
import kemu.soak.RunSession;
import kemu.workload.Counts;
import kemu.workload.Workload;
import kemu.workload.WorkloadProvider;
import kemu.workload.Workloads;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kemu run}: a workload on the native machine, with latencies and all oracles. */
@Command(
        name = "run",
        description = {
            "Runs a workload and reports latencies, leaks and wrong memory.",
            "PASS (exit 0) says that the work was done and nothing was wrong with it. Work that was lost for lack of"
                    + " memory, or because the run was interrupted, makes it UNKNOWN (exit 3)."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        modelTransformer = WorkloadArguments.class)
final class RunCommand implements Callable<Integer>, Rehearsed {
    /** Ten years. */
    private static final long LONGEST_MILLIS = 10L * 365 * 24 * 3_600_000;

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "WORKLOAD",
            description = "${COMPLETION-CANDIDATES}",
            completionCandidates = WorkloadArguments.Names.class)
    private String workload;

    @Option(names = "--cpus", paramLabel = "N", defaultValue = "2", description = "emulated CPUs (default 2)")
    private int cpus;

    @Mixin
    private MemoryOptions memory = new MemoryOptions();

    @Option(
            names = "--duration",
            paramLabel = "T",
            converter = Sizes.Millis.class,
            description = "repeat until this much time has passed")
    private Long duration;

    @Option(
            names = "--allow",
            paramLabel = "LOST",
            split = ",",
            description = "work that may be lost and the run still PASS, which is UNKNOWN without it: oom-kills"
                    + " (processes the OOM killer chose), gave-up (ended early: killed, or without memory), skipped"
                    + " (never ran: an ancestor ended early), fork-failures; and rcu-stalls, which FAIL without it")
    private List<String> allow = new ArrayList<>();

    @Option(names = "--machine", paramLabel = "M", defaultValue = "native", description = "native")
    private String machine;

    @Mixin
    private StrategyOptions.Rcu rcu = new StrategyOptions.Rcu();

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

    @Mixin
    private StrategyOptions.AnonVma anonVma = new StrategyOptions.AnonVma();

    @Mixin
    private StrategyOptions.VmaLookup vmaLookup = new StrategyOptions.VmaLookup();

    @Mixin
    private StrategyOptions.Mlock mlock = new StrategyOptions.Mlock();

    @Mixin
    private PageMovingOptions moving = new PageMovingOptions();

    @Mixin
    private StrategyOptions.SpinLock spinLock = new StrategyOptions.SpinLock();

    @Mixin
    private PluginOption plugins = new PluginOption();

    @Mixin
    private SeedOption seed = new SeedOption();

    @Mixin
    private WatchOptions watch = new WatchOptions();

    @Mixin
    private MeasureOptions measure = new MeasureOptions();

    @Mixin
    private ResumeOption resume = new ResumeOption();

    @Mixin
    private OutputOptions.Out out = new OutputOptions.Out();

    @Override
    public Integer call() throws IOException {
        List<String> other = resume.read(arguments());
        if (other != null) {
            return Verbs.execute(other.toArray(new String[0]));
        }
        plugins.load();
        UsageException.requireOneOf("workload", workload, Workloads.names());
        try {
            return run(Workloads.named(workload));
        } catch (RuntimeException | Error failed) {
            String plugin =
                    Plugins.ownerOf(workload, anonVma.chosen(), vmaLookup.chosen(), mlock.chosen(), spinLock.chosen());
            if (plugin == null || failed instanceof UsageException || Plugins.isLimit(failed)) {
                throw failed;
            }
            System.out.println(Plugins.failed(plugin, failed).getMessage());
            System.out.println(
                    "SUMMARY verb=run workload=" + workload + " verdict=FAIL kind=plugin seed=" + seed.value());
            return Verdict.FAIL.exitCode();
        }
    }

    @Override
    public void rehearse() {
        plugins.load();
        UsageException.requireOneOf("workload", workload, Workloads.names());
        check(Workloads.named(workload));
    }

    /** Throws at what this run would not do; returns the bytes of its swap area. */
    private long check(WorkloadProvider chosen) {
        WorkloadArguments.give(chosen, Workloads.all(), spec.commandLine().getParseResult());
        checkOptions(chosen);
        long swapBytes = memory.swapBytes();
        chosen.check(duration != null);
        return swapBytes;
    }

    private int run(WorkloadProvider chosen) throws IOException {
        long swapBytes = check(chosen);
        boolean timed = duration != null;
        RunSession session = new RunSession(config(swapBytes, chosen), chosen::kernel, System.err);
        BiFunction<Kernel, Counts, Workload> factory = chosen.workload(timed);
        session.goesOnWith(resume.earlier());
        // Only now: reading a trace from a pipe that nobody writes to cannot be ended in an orderly way.
        Stop.served(session::interrupt);
        try (WatchOptions.Open opened = watch.open()) {
            session.watchedBy(opened.watching());
            prepareOut();
            return run(session, factory, swapBytes);
        }
    }

    private int run(RunSession session, BiFunction<Kernel, Counts, Workload> factory, long swapBytes)
            throws IOException {
        System.out.printf(
                "kemu %s  run %s  seed=%d cpus=%d memory=%dm swap=%dm anon-vma=%s spinlock=%s rcu=%s"
                        + " preempt=%s%s%s%s%s%n",
                Version.current(),
                workload,
                resume.seed(seed.value()),
                cpus,
                memory.bytes() >> 20,
                swapBytes >> 20,
                anonVma.chosen(),
                spinLock.chosen(),
                rcu.chosen(),
                preempt,
                pollBeforeLocks ? " poll-before-locks=on" : "",
                vmaLookup.chosen().equals(VmaLookups.DEFAULT) ? "" : " vma-lookup=" + vmaLookup.chosen(),
                mlock.chosen().equals(Mlockings.DEFAULT) ? "" : " mlock=" + mlock.chosen(),
                moving.chosen());
        RunReport report = session.run(factory);
        report.print(System.out);
        return report.verdict().exitCode();
    }

    private RunConfig config(long swapBytes, WorkloadProvider chosen) {
        return new RunConfig(
                workload,
                cpus,
                memory.bytes(),
                swapBytes,
                resume.seed(seed.value()),
                anonVma.chosen(),
                vmaLookup.chosen(),
                mlock.chosen(),
                moving.compactMillis(),
                moving.merging(chosen.ksm()),
                moving.ksmScan(),
                moving.huge(chosen.thp()),
                moving.moveStacks(),
                moving.khugepaged(chosen),
                spinLock.chosen(),
                preempt.equals("on"),
                rcu.chosen(),
                pollBeforeLocks,
                resume.left(duration),
                LostWork.byOptions(allow),
                measure.measured(),
                arguments(),
                folder());
    }

    private List<String> arguments() {
        return spec.root().commandLine().getParseResult().originalArgs();
    }

    private Path folder() {
        return resume.folder() == null ? out.given() : resume.folder();
    }

    private void prepareOut() {
        Path folder = folder();
        if (folder == null) {
            return;
        }
        try {
            RunFolder.prepare(folder, resume.folder() != null);
        } catch (IOException cannot) {
            throw new UsageException("--out: cannot use directory " + folder + " (" + SafeFiles.reason(cannot) + ")");
        }
        if (!Files.isWritable(folder)) {
            throw new UsageException("--out: cannot write to " + folder);
        }
    }

    private void checkOptions(WorkloadProvider chosen) {
        UsageException.requireRange("--cpus", cpus, 1, MachineConfig.MAX_CPUS);
        moving.check(chosen);
        for (String lost : allow) {
            UsageException.requireOneOf("--allow", lost, LostWork.options());
        }
        if (duration != null && duration > LONGEST_MILLIS) {
            throw new UsageException("--duration: " + duration / 3_600_000 + "h (allowed: at most "
                    + LONGEST_MILLIS / 3_600_000 + "h, ten years)");
        }
        UsageException.requireOneOf("--machine", machine, List.of("native"));
        UsageException.requireOneOf("--preempt", preempt, List.of("on", "off"));
        if (rcu.chosen().equals("preempt") && preempt.equals("off")) {
            throw new UsageException("--rcu: preempt needs a preemptible kernel (--preempt on)");
        }
        if (pollBeforeLocks && preempt.equals("off")) {
            throw new UsageException("--poll-before-locks: needs a preemptible kernel (--preempt on)");
        }
        measure.measured();
        anonVma.chosen();
        vmaLookup.chosen();
        mlock.chosen();
        spinLock.chosen();
    }
}
