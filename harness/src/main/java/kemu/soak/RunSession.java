package kemu.soak;

import java.io.IOException;
import java.io.PrintStream;
import java.util.function.Function;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Mode;
import kemu.hw.machine.MachineConfig;
import kemu.hw.machine.NativeMachine;
import kemu.hw.mem.KernelBug;
import kemu.hw.task.Task;
import kemu.latency.Latencies;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.VmStat;
import kemu.report.HtmlReport;
import kemu.report.RunReport;
import kemu.workload.Counts;
import kemu.workload.Workload;

/** One run: boots, runs rounds of a workload until it ends or is stopped, asks the oracles, and reports. */
public final class RunSession {
    private static final int PAGE_SHIFT = 12;
    private static final int TASK_SLOTS = 4096;

    private final RunConfig config;
    private final PrintStream progress;
    private final Counts counts = new Counts();
    private final KernelLog kernelLog;
    private volatile Workload workload;
    private volatile boolean stopRequested;
    private volatile boolean interrupted;
    private volatile LeakCheck leaks;
    private volatile boolean completed;
    private long startNanos;
    private double processSecondsBefore;
    private double kernelSeconds;
    private double userSeconds;
    private long endNanos;

    /** A run as {@code config} says; progress goes to {@code progress}. */
    public RunSession(RunConfig config, PrintStream progress) {
        this.config = config;
        this.progress = progress;
        this.kernelLog = new KernelLog(progress);
    }

    /** Counters of the user programs; workloads are built with them. */
    public Counts counts() {
        return counts;
    }

    /** Asks the run to end early with a clean report (Ctrl-C). Any thread. */
    public void interrupt() {
        interrupted = true;
        stop();
    }

    private void stop() {
        stopRequested = true;
        Workload running = workload;
        if (running != null) {
            running.stop();
        }
    }

    /**
     * Runs the workload that {@code factory} makes for the booted kernel.
     *
     * @throws IOException if the report directory cannot be written at the start
     */
    public RunReport run(Function<Kernel, Workload> factory) throws IOException {
        // Boot and the first accesses load classes; they count as start-up, not as the run.
        MachineConfig machineConfig = new MachineConfig(
                        config.memoryBytes(),
                        config.cpus(),
                        config.seed(),
                        config.preemptible(),
                        config.spinLock(),
                        TASK_SLOTS)
                .withPollBeforeLocks(config.pollBeforeLocks());
        try (NativeMachine machine = new NativeMachine(machineConfig)) {
            Cpu boot = machine.bootCpu();
            int swapPages = (int) (config.swapBytes() >>> PAGE_SHIFT);
            KernelConfig kernelConfig = new KernelConfig(config.anonVma(), swapPages, kernelLog).withRcu(config.rcu());
            Kernel kernel = new Kernel(machine, kernelConfig);
            workload = factory.apply(kernel);
            Latencies latencies = new Latencies(machine.cpus());
            for (int i = 0; i < machine.cpus(); i++) {
                machine.cpu(i).attach(latencies.sink(i));
            }
            kernel.start(boot);
            machine.sched().spawn(boot, cpu -> conduct(cpu, kernel, machine), 0, "conductor", Task.PF_KTHREAD);
            return drive(machine, kernel, latencies);
        }
    }

    private RunReport drive(NativeMachine machine, Kernel kernel, Latencies latencies) throws IOException {
        startNanos = System.nanoTime();
        processSecondsBefore = CpuTime.processSeconds();
        Throwable failure = null;
        try (Reporter reporter = new Reporter(config, kernel, latencies, workload, counts, progress)) {
            reporter.deadline(config.durationMillis(), this::stop);
            reporter.start();
            try {
                machine.run();
            } catch (KernelBug bug) {
                failure = bug;
            }
            endNanos = endNanos == 0 ? System.nanoTime() : endNanos;
            reporter.finish();
            RunReport report = report(machine, kernel, latencies, reporter, failure);
            if (config.out() != null) {
                writeFiles(report, latencies, reporter);
            }
            return report;
        }
    }

    private void writeFiles(RunReport report, Latencies latencies, Reporter reporter) {
        try {
            report.writeJson(config.out().resolve("run.json"));
            HtmlReport.write(
                    config.out().resolve("report.html"),
                    "kemu run " + config.workload() + ": " + report.verdict(),
                    report.values(),
                    report.text(),
                    latencies,
                    reporter.series());
        } catch (IOException full) {
            report.note("report files are incomplete: " + full.getMessage());
        }
    }

    private void conduct(Cpu cpu, Kernel kernel, NativeMachine machine) {
        LeakCheck check = new LeakCheck(kernel, cpu);
        // Ends when the workload says so, or when it was told to stop.
        while (!stopRequested && workload.round(cpu)) {
            machine.sched().condResched(cpu);
        }
        endNanos = System.nanoTime();
        kernelSeconds = CpuTime.modeSeconds(machine, Mode.KERNEL);
        userSeconds = CpuTime.modeSeconds(machine, Mode.USER);
        letTasksDie(cpu, kernel);
        check.check(cpu);
        leaks = check;
        completed = true;
        machine.halt();
    }

    /** The last exits are still on their way out when their workload counts them as done. */
    private static void letTasksDie(Cpu cpu, Kernel kernel) {
        for (int i = 0; i < 250 && kernel.processes().live(cpu) != 0; i++) {
            kemu.hw.task.Sched.setState(cpu, Task.UNINTERRUPTIBLE);
            cpu.machine().sched().scheduleTimeout(cpu, 1);
        }
    }

    private RunReport report(
            NativeMachine machine, Kernel kernel, Latencies latencies, Reporter reporter, Throwable failure) {
        Cpu cpu = machine.bootCpu();
        RunReport report = new RunReport("run", config.workload());
        double elapsed = Math.max(1e-9, (endNanos - startNanos) / 1e9);
        report.put("seed", config.seed());
        report.put("machine", "native");
        report.put("cpus", config.cpus());
        report.put("memory_bytes", config.memoryBytes());
        report.put("swap_bytes", config.swapBytes());
        report.put("anon_vma", config.anonVma());
        report.put("spinlock", config.spinLock());
        report.put("rcu", config.rcu());
        report.put("preempt", config.preemptible() ? "on" : "off");
        if (config.pollBeforeLocks()) {
            report.put("poll_before_locks", "on");
        }
        report.put("interrupted", interrupted);
        report.put("processes", counts.processes.sum());
        report.put("threads", counts.threads.sum());
        report.put("forks", counts.forks.sum());
        report.put("execs", counts.execs.sum());
        report.put("exec_failures", counts.execFailures.sum());
        report.put("syscalls", counts.syscalls.sum());
        report.put("faults", kernel.vmStat().sum(cpu, VmStat.PGFAULT));
        report.put("major_faults", kernel.vmStat().sum(cpu, VmStat.PGMAJFAULT));
        report.put("touches", counts.touches.sum());
        report.put("retouches", counts.retouches.sum());
        workload.describe(report::put);
        report.put("pswpin", kernel.vmStat().sum(cpu, VmStat.PSWPIN));
        report.put("pswpout", kernel.vmStat().sum(cpu, VmStat.PSWPOUT));
        report.put("oom_kills", kernel.vmStat().sum(cpu, VmStat.OOM_KILL));
        report.put("gave_up", counts.killed.sum());
        report.put("rcu_stalls", kernel.rcu().stalls(cpu));
        report.put("skipped", counts.skipped.sum());
        report.put("fork_failures", counts.forkFailures.sum());
        report.put("stamp_errors", counts.stampErrors.sum());
        report.put("access_errors", counts.accessErrors.sum());
        report.put("syscall_errors", counts.syscallErrors.sum());
        report.put("leaked_objects", leaks == null ? -1L : leaks.leakedObjects());
        report.put("leaked_pages", leaks == null ? -1L : leaks.leakedPages());
        report.put("peak_used_bytes", reporter.peakUsedPages() << PAGE_SHIFT);
        report.put("elapsed_s", elapsed);
        report.put("forks_per_s", counts.forks.sum() / elapsed);
        report.put("faults_per_s", kernel.vmStat().sum(cpu, VmStat.PGFAULT) / elapsed);
        report.put("cpu_s", CpuTime.processSeconds());
        report.put("run_cpu_s", CpuTime.processSeconds() - processSecondsBefore);
        report.put("kernel_cpu_s", kernelSeconds);
        report.put("user_cpu_s", userSeconds);
        report.put("host_peak_rss_bytes", HostMemory.peakRssBytes());
        report.latencies(latencies);
        report.counters(kernel.vmStat(), cpu);
        workload.notes().forEach(report::note);
        judge(report, failure);
        kernelLog.lines().forEach(report::note);
        reporter.problem().ifPresent(report::note);
        return report;
    }

    private void judge(RunReport report, Throwable failure) {
        if (failure != null) {
            report.fail("kernel-bug", failure);
        }
        if (counts.firstError() != null) {
            report.note("first error: " + counts.firstError());
        }
        report.failIf(counts.stampErrors.sum() != 0, "stamp-error");
        report.failIf(counts.accessErrors.sum() != 0, "access-error");
        report.failIf(counts.syscallErrors.sum() != 0, "syscall-error");
        if (leaks != null) {
            report.failIf(leaks.leakedObjects() != 0, "leaked-objects");
            report.failIf(leaks.leakedPages() != 0, "leaked-pages");
            leaks.findings().forEach(report::note);
        }
        if (!completed && failure == null) {
            report.unknown("the run was cut off before the final checks");
        }
    }
}
