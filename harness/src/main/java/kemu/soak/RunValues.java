package kemu.soak;

import java.util.LinkedHashMap;
import java.util.Map;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.NativeMachine;
import kemu.kernel.task.WrongUnlocks;
import kemu.mm.Kernel;
import kemu.mm.ksm.rules.KsmRuleSets;
import kemu.mm.mlock.kind.Mlockings;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.vma.lookup.VmaLookups;
import kemu.report.Provenance;
import kemu.report.RunReport;
import kemu.workload.Counts;
import kemu.workload.Workload;

/** The values of a run's report, in the order of its SUMMARY: what was asked for, what was done, what was lost. */
final class RunValues {
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
        if (config.moveStacks()) {
            report.put("move_stacks", "on");
        }
        report.put("spinlock", config.spinLock());
        report.put("rcu", config.rcu());
        report.put("preempt", config.preemptible() ? "on" : "off");
        if (config.pollBeforeLocks()) {
            report.put("poll_before_locks", "on");
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

    /** What it lost ({@link LostWork}) and what is wrong. */
    static void faults(RunReport report, NativeMachine machine, Kernel kernel, Counts counts, LeakCheck leaks) {
        Cpu cpu = machine.bootCpu();
        report.put(LostWork.OOM_KILLS.key(), kernel.vmStat().sum(cpu, VmStatItem.OOM_KILL));
        report.put(LostWork.GAVE_UP.key(), counts.killed.sum());
        report.put(LostWork.RCU_STALLS.key(), kernel.rcu().stalls(cpu));
        report.put(LostWork.SKIPPED.key(), counts.skipped.sum());
        report.put(LostWork.FORK_FAILURES.key(), counts.forkFailures.sum());
        report.put("stamp_errors", counts.stampErrors.sum());
        report.put("access_errors", counts.accessErrors.sum());
        report.put("syscall_errors", counts.syscallErrors.sum());
        report.put("wrong_unlocks", WrongUnlocks.of(machine).count());
        report.put("leaked_objects", leaks == null ? -1L : leaks.leakedObjects());
        report.put("leaked_pages", leaks == null ? -1L : leaks.leakedPages());
    }
}
