package kemu.soak;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;

import java.io.IOException;
import java.io.PrintStream;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import kemu.check.dump.RunDump;
import kemu.check.dump.RunMachine;
import kemu.host.HostUsage;
import kemu.host.SafeFiles;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Mode;
import kemu.hw.machine.MachineConfig;
import kemu.hw.machine.NativeMachine;
import kemu.hw.mem.KernelBug;
import kemu.kernel.context.Task;
import kemu.kernel.task.Sched;
import kemu.latency.Latencies;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.VmStatItem;
import kemu.report.Provenance;
import kemu.report.RunReport;
import kemu.report.Verdict;
import kemu.report.page.RunPage;
import kemu.results.RunResults;
import kemu.soak.live.Earlier;
import kemu.soak.live.EarlierLatencies;
import kemu.soak.live.Look;
import kemu.soak.trend.LeakTrends;
import kemu.workload.Counts;
import kemu.workload.Workload;

/** One run: boots, runs rounds of a workload until it ends or is stopped, asks the oracles, and reports. */
public final class RunSession {

    private final RunConfig config;
    private final PrintStream messages;
    private final Counts counts = new Counts();
    private final KernelLog kernelLog;
    private final RunMachine runMachine;
    private Watching watching = Watching.NONE;
    private Earlier earlier = Earlier.NONE;
    private NativeMachine machine;
    private Kernel kernel;
    private RunInstruments instruments;
    private volatile Workload workload;
    private volatile Reporter reporter;
    private volatile boolean stopRequested;
    private volatile boolean interrupted;
    private volatile LeakCheck leaks;
    private final LeakOnPurpose leaking = LeakOnPurpose.asked();
    private final LeakTrends trends = new LeakTrends(leaking.shorter());
    private volatile boolean completed;
    private long startNanos;
    private double processSecondsBefore;
    private double kernelSeconds;
    private double userSeconds;
    private long endNanos;

    /** A run as {@code config} says; progress, the kernel's log and what cannot be written go to {@code messages}. */
    public RunSession(RunConfig config, PrintStream messages) {
        this(config, UnaryOperator.identity(), messages);
    }

    /** The same on the kernel that {@code asked} makes of what {@code config} says. */
    public RunSession(RunConfig config, UnaryOperator<KernelConfig> asked, PrintStream messages) {
        this.config = config;
        this.messages = messages;
        kernelLog = new KernelLog(messages);
        int swapPages = (int) (config.swapBytes() >>> PAGE_SHIFT);
        runMachine = new RunMachine(
                RunMachine.machineOf(
                        config.memoryBytes(),
                        config.cpus(),
                        config.seed(),
                        config.preemptible(),
                        config.spinLock(),
                        config.pollBeforeLocks()),
                asked.apply(new KernelConfig(config.anonVma(), swapPages, kernelLog)
                        .withRcu(config.rcu())
                        .withVmaLookup(config.vmaLookup())
                        .withMlock(config.mlock())
                        .withKsm(config.ksm())
                        .withKsmScan(config.ksmScan())
                        .withThp(config.thp())
                        .withMoveStacks(config.moveStacks())
                        .withKhugepaged(config.khugepaged())
                        .withCompactJiffies(jiffies(config.compactMillis()))));
    }

    /** At least one tick, if any time is asked for. */
    private static long jiffies(long millis) {
        return millis == 0 ? 0 : Math.max(1, millis * MachineConfig.HZ / 1_000);
    }

    /** From its beginning the run is watched by {@code those}. */
    public void watchedBy(Watching those) {
        watching = those;
    }

    /** The run goes on with what {@code before} holds, in the same directory. */
    public void goesOnWith(Earlier before) {
        earlier = before;
    }

    /** Asks the run to end early with a clean report (a signal). Any thread, at any time. */
    public void interrupt() {
        interrupted = true;
        stop();
        Reporter reporting = reporter;
        if (reporting != null) {
            reporting.interrupted();
        }
    }

    private void stop() {
        stopRequested = true;
        Workload running = workload;
        if (running != null) {
            running.stop();
        }
    }

    /**
     * Runs the workload that {@code factory} makes for the booted kernel, counting what its user programs do.
     *
     * @throws IOException if the report directory cannot be written at the start
     */
    public RunReport run(BiFunction<Kernel, Counts, Workload> factory) throws IOException {
        // Boot and the first accesses load classes; they count as start-up, not as the run.
        RunMachine.Booted booted = runMachine.boot();
        try (NativeMachine running = booted.machine()) {
            machine = running;
            kernel = booted.kernel();
            Cpu boot = machine.bootCpu();
            workload = factory.apply(kernel, counts);
            Latencies latencies = new Latencies(machine.cpus());
            if (earlier.epochs() != 0) {
                EarlierLatencies.add(config.out().resolve(RunResults.LATENCIES), latencies);
            }
            instruments = new RunInstruments(config.measured(), machine, latencies);
            kernel.start(boot);
            Sched.of(machine).spawn(boot, this::conduct, 0, "conductor", Task.PF_KTHREAD);
            return drive(latencies);
        }
    }

    private RunReport drive(Latencies latencies) throws IOException {
        startNanos = System.nanoTime();
        processSecondsBefore = CpuTime.processSeconds();
        try (Reporter reporting = new Reporter(
                config,
                kernel,
                latencies,
                instruments.locks(),
                workload,
                counts,
                trends,
                watching,
                earlier,
                messages,
                this::stop,
                machine::halt)) {
            reporter = reporting;
            if (interrupted) {
                interrupt();
            }
            reporting.start();
            Throwable failure = null;
            try {
                machine.run();
            } catch (RuntimeException | Error stopped) {
                failure = stopped;
            }
            endNanos = endNanos == 0 ? System.nanoTime() : endNanos;
            reporting.finish(failure);
            rethrowAccident(failure, latencies, reporting);
            RunReport report = report(latencies, reporting, failure);
            writeTimeline(report);
            if (config.out() != null) {
                writeFiles(report, reporting);
            }
            return report;
        }
    }

    /** What is no bug of the emulated kernel is no verdict: it goes up, once what is known has been written down. */
    private void rethrowAccident(Throwable failure, Latencies latencies, Reporter reporting) {
        Throwable accident = reporting.failure() == null ? failure : reporting.failure();
        if (accident == null || accident == failure && failure instanceof KernelBug) {
            return;
        }
        try {
            RunReport report = report(latencies, reporting, accident);
            writeTimeline(report);
            if (config.out() != null) {
                writeFiles(report, reporting);
            }
        } catch (RuntimeException | Error again) {
            accident.addSuppressed(again);
        }
        if (accident instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) accident;
    }

    private void writeTimeline(RunReport report) {
        String title = "kemu run " + config.workload() + " " + report.verdict() + " " + report.kind();
        String failure = report.failure() == null ? "" : report.failure();
        try {
            instruments.writeTimeline(title.strip(), failure, endNanos);
        } catch (IOException failed) {
            RunFolder.notWritten(report, config.measured().timeline(), SafeFiles.reason(failed), messages);
        }
    }

    /** What says most in the fewest bytes comes first, and pictures last, so that what fails takes nothing with it. */
    private void writeFiles(RunReport report, Reporter reporting) {
        RunFolder folder = new RunFolder(config.out(), messages);
        reporting.problems(folder, report);
        folder.write(
                report,
                RunResults.JSON,
                () -> SafeFiles.writeString(folder.resolve(RunResults.JSON), report.json(config.arguments())));
        folder.write(
                report, Provenance.ENVIRONMENT, () -> Provenance.writeEnvironment(config.out(), config.arguments()));
        if (report.verdict() == Verdict.FAIL) {
            folder.write(report, "dump", () -> RunDump.write(folder.resolve("dump"), runMachine, machine, kernel));
        }
        folder.write(
                report,
                RunPage.NAME,
                () -> RunPage.write(
                        folder.resolve(RunPage.NAME), RunResults.of(config.out(), report.json(config.arguments()))));
    }

    private void conduct(Cpu cpu) {
        LeakCheck check = new LeakCheck(kernel, cpu);
        // Ends when the workload says so, or when it was told to stop.
        long rested = System.nanoTime();
        while (!stopRequested && workload.round(cpu)) {
            Sched.of(machine).condResched(cpu);
            if (System.nanoTime() - rested >= trends.restSeconds() * 1e9) {
                rest(cpu);
                rested = System.nanoTime();
            }
        }
        instruments.workIsDone();
        endNanos = System.nanoTime();
        kernelSeconds = CpuTime.modeSeconds(machine, Mode.KERNEL);
        userSeconds = CpuTime.modeSeconds(machine, Mode.USER);
        letTasksDie(cpu);
        check.check(cpu);
        leaks = check;
        completed = true;
        machine.halt();
    }

    /** Between two rounds: what is held now is nobody's but the kernel's own. */
    private void rest(Cpu cpu) {
        leaking.leak(cpu, kernel);
        letTasksDie(cpu);
        kernel.rcu().rcuBarrier(cpu);
        trends.rest(Look.at(kernel, counts, (System.nanoTime() - startNanos) / 1_000_000));
    }

    /** The last exits are still on their way out when their workload counts them as done. */
    private void letTasksDie(Cpu cpu) {
        for (int i = 0; i < 250 && kernel.processes().live(cpu) != 0; i++) {
            kemu.kernel.task.Sched.setState(cpu, Task.UNINTERRUPTIBLE);
            Sched.of(cpu).scheduleTimeout(cpu, 1);
        }
    }

    private RunReport report(Latencies latencies, Reporter reporting, Throwable failure) {
        Cpu cpu = machine.bootCpu();
        RunReport report = new RunReport("run", config.workload());
        double elapsed = Math.max(1e-9, (endNanos - startNanos) / 1e9);
        RunValues.configuration(report, config);
        report.put("interrupted", interrupted);
        RunValues.work(report, kernel, counts, workload);
        RunValues.faults(report, machine, kernel, counts, leaks, earlier);
        LeakTrends.Found grown = trends.judge();
        RunValues.slopes(report, grown);
        report.put("peak_used_bytes", reporting.peakUsedPages() << PAGE_SHIFT);
        report.put("elapsed_s", elapsed);
        report.put("forks_per_s", counts.forks.sum() / elapsed);
        report.put("faults_per_s", kernel.vmStat().sum(cpu, VmStatItem.PGFAULT) / elapsed);
        RunValues.latencies(report, latencies);
        report.put("cpu_s", CpuTime.processSeconds());
        report.put("run_cpu_s", CpuTime.processSeconds() - processSecondsBefore);
        report.put("kernel_cpu_s", kernelSeconds);
        report.put("user_cpu_s", userSeconds);
        RunValues.resumed(report, earlier, elapsed, reporting.gapMillis());
        RunValues.pauses(report, reporting.pauses());
        report.put("host_peak_rss_bytes", HostUsage.peakRssBytes());
        report.latencies(latencies);
        if (instruments.locks() != null) {
            report.locks(instruments.locks().read());
        }
        report.counters(kernel.vmStat(), cpu);
        workload.notes().forEach(report::note);
        new RunVerdict(config, machine, counts, workload, leaks, grown).judge(report, failure, interrupted, completed);
        kernelLog.lines().forEach(report::note);
        return report;
    }
}
