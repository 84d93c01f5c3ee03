package kemu.soak.live;

import java.util.LinkedHashMap;
import java.util.Map;
import kemu.workload.Counts;

/** What the processes of a run did and could not do, by the names that reports use. */
public final class Work {
    private Work() {}

    /** As {@code counts} says now. Any thread. */
    public static Map<String, Long> of(Counts counts) {
        Map<String, Long> work = new LinkedHashMap<>();
        work.put("forks", counts.forks.sum());
        work.put("execs", counts.execs.sum());
        work.put("syscalls", counts.syscalls.sum());
        work.put("touches", counts.touches.sum());
        work.put("retouches", counts.retouches.sum());
        work.put("fork_failures", counts.forkFailures.sum());
        work.put("gave_up", counts.killed.sum());
        work.put("skipped", counts.skipped.sum());
        work.put("stamp_errors", counts.stampErrors.sum());
        work.put("access_errors", counts.accessErrors.sum());
        work.put("syscall_errors", counts.syscallErrors.sum());
        return work;
    }
}
