package kemu.soak;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import kemu.host.HostPauses;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.NativeMachine;
import kemu.kernel.task.WrongUnlocks;
import kemu.latency.Latencies;
import kemu.mm.Kernel;
import kemu.mm.huge.HugePages;
import kemu.mm.ksm.rules.KsmRuleSets;
import kemu.mm.mlock.kind.Mlockings;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.vma.lookup.VmaLookups;
import kemu.report.Provenance;
import kemu.report.RunReport;
import kemu.soak.live.Earlier;
import kemu.soak.trend.LeakTrends;
import kemu.workload.Counts;
import kemu.workload.Workload;
import org.HdrHistogram.Histogram;

/** The values of a run's report, in the order of its SUMMARY: what was asked for, what was done, what was lost. */
final class RunValues {
    private static final double NANOS = 1e9;
    private static final double MILLIS = 1e3;

    private RunValues() {}

    /** How the run was configured. */
    static void configuration(RunReport report, RunConfig config) {
        report.configuration(asked(config));
        report.put("seed", config.seed());
        report.put("machine", "native");
        report.put("cpus", config.cpus());
        report.put("memory_bytes", config.memoryBytes());
        report.put("swap_bytes", config.swapBytes());
        report.put("anon_vma", config.anonVma());
        if (!config.vmaLookup().equals(VmaLookups.DEFAULT)) {
            report.put("vma_lookup", config.vmaLookup());
        }
        if (!config.ksm().equals(KsmRuleSets.OFF)) {
            report.put("ksm", config.ksm());
        }
        if (config.ksmScan() != 0) {
            report.put("ksm_scan", config.ksmScan());
        }
        if (!config.mlock().equals(Mlockings.DEFAULT)) {
            report.put("mlock", config.mlock());
        }
        if (config.compactMillis() != 0) {
            report.put("compact_ms", config.compactMillis());
        }
        if (!config.thp().equals(HugePages.NEVER)) {
            report.put("thp", config.thp());
        }
        if (config.khugepaged() != 0) {
            report.put("khugepaged", config.khugepaged());
        }
        if (config.moveStacks()) {
            report.put("move_stacks", "on");
        }
        report.put("spinlock", config.spinLock());
        report.put("rcu", config.rcu());
        report.put("preempt", config.preemptible() ? "on" : "off");
        if (config.pollBeforeLocks()) {
            report.put("poll_before_locks", "on");
        }
        if (!config.measured().latencies()) {
            report.put("latencies", "off");
        }
    }

    /** All that the run was asked for, whether it is the default or not. */
    static Map<String, Object> asked(RunConfig config) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("version", Provenance.version());
        all.put("commit", Provenance.commit());
        all.put("command", Provenance.withoutOut(config.arguments()));
        all.put("workload", config.workload());
        all.put("seed", config.seed());
        all.put("machine", "native");
        all.put("cpus", config.cpus());
        all.put("memory_bytes", config.memoryBytes());
        all.put("swap_bytes", config.swapBytes());
        all.put("anon_vma", config.anonVma());
        all.put("vma_lookup", config.vmaLookup());
        all.put("mlock", config.mlock());
        all.put("spinlock", config.spinLock());
        all.put("rcu", config.rcu());
        all.put("preempt", config.preemptible() ? "on" : "off");
        all.put("poll_before_locks", config.pollBeforeLocks());
        all.put("ksm", config.ksm());
        all.put("ksm_scan", config.ksmScan());
        all.put("compact_ms", config.compactMillis());
        all.put("thp", config.thp());
        all.put("khugepaged", config.khugepaged());
        all.put("move_stacks", config.moveStacks());
        all.put("duration_ms", config.durationMillis());
        all.put("allow", config.allowed().stream().map(LostWork::option).toList());
        return all;
    }

    /** What its processes did. */
    static void work(RunReport report, Kernel kernel, Counts counts, Workload workload) {
        Cpu cpu = kernel.machine().bootCpu();
        VmStat stat = kernel.vmStat();
        report.put("processes", counts.processes.sum());
        report.put("threads", counts.threads.sum());
        report.put("forks", counts.forks.sum());
        report.put("execs", counts.execs.sum());
        report.put("exec_failures", counts.execFailures.sum());
        report.put("syscalls", counts.syscalls.sum());
        report.put("faults", stat.sum(cpu, VmStatItem.PGFAULT));
        report.put("major_faults", stat.sum(cpu, VmStatItem.PGMAJFAULT));
        report.put("touches", counts.touches.sum());
        report.put("retouches", counts.retouches.sum());
        workload.describe(report::put);
        report.put("pswpin", stat.sum(cpu, VmStatItem.PSWPIN));
        report.put("pswpout", stat.sum(cpu, VmStatItem.PSWPOUT));
        report.put("not_started", counts.notStarted.sum());
    }

    /** What was recorded before a process died and this one went on; nothing if none did. */
    static void resumed(RunReport report, Earlier earlier, double elapsed, long gapMillis) {
        if (earlier.epochs() == 0) {
            return;
        }
        report.put("resumed", earlier.epochs());
        report.put("recorded_s", elapsed + earlier.recordedMillis() / MILLIS);
        report.put("gap_s", gapMillis / MILLIS);
        report.note(String.format(
                Locale.ROOT,
                "resumed: %.1f s were recorded by %d process%s that died; then nothing for %.1f s, then %.1f s by this"
                        + " one. What was lost, wrong and stalled is added up, latencies are of all; counters, rates"
                        + " and leaks are of this one",
                earlier.recordedMillis() / MILLIS,
                earlier.epochs(),
                earlier.epochs() == 1 ? "" : "es",
                gapMillis / MILLIS,
                elapsed));
    }

    /** How fast what it holds grew, in lines fitted to levels; 0 of what was not judged. */
    static void slopes(RunReport report, LeakTrends.Found found) {
        report.put("slopes_judged", found.judged().isEmpty() ? "none" : String.join(",", found.judged()));
        report.put("objects_per_h", found.objectsPerHour());
        report.put("pages_per_h", found.pagesPerHour());
        report.put("host_memory_mib_per_h", found.hostMibPerHour());
    }

    /** When the host did not let it go on: kept apart from the latencies. */
    static void pauses(RunReport report, HostPauses.Totals pauses) {
        report.put("host_pauses", pauses.count());
        report.put("host_pause_max_s", pauses.longest() / NANOS);
        report.put("host_paused_s", pauses.total() / NANOS);
        if (pauses.count() != 0) {
            report.note(String.format(
                    Locale.ROOT,
                    "host_pause: the host held this process up %d times, %.3f s at the longest, %.3f s in all;"
                            + " operations of which that was half or more are in_host_pause",
                    pauses.count(),
                    pauses.longest() / NANOS,
                    pauses.total() / NANOS));
        }
    }

    /** What it lost ({@link LostWork}) and what is wrong. */
    static void faults(
            RunReport report, NativeMachine machine, Kernel kernel, Counts counts, LeakCheck leaks, Earlier earlier) {
        Cpu cpu = machine.bootCpu();
        report.put(
                LostWork.OOM_KILLS.key(),
                kernel.vmStat().sum(cpu, VmStatItem.OOM_KILL) + earlier.count(VmStatItem.OOM_KILL.key()));
        report.put(LostWork.GAVE_UP.key(), counts.killed.sum() + earlier.count("gave_up"));
        report.put(LostWork.RCU_STALLS.key(), kernel.rcu().stalls(cpu) + earlier.count("rcu_stalls"));
        report.put(LostWork.SKIPPED.key(), counts.skipped.sum() + earlier.count("skipped"));
        report.put(LostWork.FORK_FAILURES.key(), counts.forkFailures.sum() + earlier.count("fork_failures"));
        report.put("stamp_errors", counts.stampErrors.sum() + earlier.count("stamp_errors"));
        report.put("access_errors", counts.accessErrors.sum() + earlier.count("access_errors"));
        report.put("syscall_errors", counts.syscallErrors.sum() + earlier.count("syscall_errors"));
        report.put("wrong_unlocks", WrongUnlocks.of(machine).count() + earlier.count("wrong_unlocks"));
        report.put("leaked_objects", leaks == null ? -1L : leaks.leakedObjects());
        report.put("leaked_pages", leaks == null ? -1L : leaks.leakedPages());
    }

    /** The latencies that scripts compare. */
    static void latencies(RunReport report, Latencies latencies) {
        Histogram faults = latencies.totalOf("fault_");
        report.put("fault_p50_ns", faults.getValueAtPercentile(50));
        report.put("fault_p99_ns", faults.getValueAtPercentile(99));
        Histogram walks = latencies.totalOf("rmap_walk");
        report.put("rmap_walks", walks.getTotalCount());
        report.put("rmap_walk_mean_ns", walks.getTotalCount() == 0 ? 0 : walks.getMean());
        report.put("rmap_walk_p50_ns", walks.getValueAtPercentile(50));
        report.put("rmap_walk_p99_ns", walks.getValueAtPercentile(99));
    }
}
