package kemu.soak;

import kemu.hw.machine.Hang;
import kemu.hw.machine.NativeMachine;
import kemu.hw.mem.KernelBug;
import kemu.kernel.task.WrongUnlocks;
import kemu.report.RunReport;
import kemu.soak.trend.LeakTrends;
import kemu.workload.Counts;
import kemu.workload.Workload;

/**
 * The oracles of a run, asked when it has ended.
 *
 * @param leaks what the kernel still held at the end; null if it did not come to one
 * @param grown what it held at rests, and the host all the time
 */
record RunVerdict(
        RunConfig config,
        NativeMachine machine,
        Counts counts,
        Workload workload,
        LeakCheck leaks,
        LeakTrends.Found grown) {
    /** Violations first, then why the work may not have been done. */
    void judge(RunReport report, Throwable failure, boolean interrupted, boolean completed) {
        if (failure instanceof KernelBug) {
            report.fail(failure instanceof Hang ? "hang" : "kernel-bug", failure);
        } else if (failure != null) {
            report.unknown("internal-error", "the run was cut off by " + failure);
        }
        report.cause(WrongUnlocks.of(machine).cause(machine.bootCpu()));
        WrongUnlocks.of(machine).describe().lines().forEach(report::note);
        if (counts.firstError() != null) {
            report.note("first error: " + counts.firstError());
        }
        report.failIf((long) report.value("stamp_errors") != 0, "stamp-error");
        report.failIf((long) report.value("access_errors") != 0, "access-error");
        report.failIf((long) report.value("syscall_errors") != 0, "syscall-error");
        if (leaks != null) {
            report.failIf(leaks.leakedObjects() != 0, "leaked-objects");
            report.failIf(leaks.leakedPages() != 0, "leaked-pages");
            leaks.findings().forEach(report::note);
        }
        report.failIf((long) report.value("wrong_unlocks") != 0, "wrong-unlock");
        report.failIf(!grown.leaks().isEmpty(), "leak-slope");
        grown.leaks().forEach(report::note);
        LostWork.judge(report, config.allowed());
        if (interrupted) {
            report.unknown("interrupted", "the run was interrupted before its work was done");
        }
        if (!workload.nothingDone().isEmpty()) {
            report.unknown("nothing-done", "nothing was done: " + workload.nothingDone());
        }
        if (!completed && failure == null) {
            report.unknown("cut-off", "the run was cut off before the final checks");
        }
    }
}
