package kemu.merge;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kemu.mm.page.VmStatItem;
import kemu.results.CounterHistory;

/** What a run that left no report had counted when it last wrote down its counters, under the names of reports. */
final class RecordedCounts {
    /** Those that reports have under the same name. */
    private static final List<String> SAME = List.of(
            "processes",
            "forks",
            "execs",
            "syscalls",
            "touches",
            "retouches",
            "pswpin",
            "pswpout",
            "gave_up",
            "rcu_stalls",
            "skipped",
            "fork_failures",
            "stamp_errors",
            "access_errors",
            "syscall_errors",
            "wrong_unlocks",
            "host_pauses");
    /** Those that reports have under another. */
    private static final Map<String, String> RENAMED =
            Map.of("pgfault", "faults", "pgmajfault", "major_faults", "oom_kill", "oom_kills");

    private RecordedCounts() {}

    /** Results, as far as they are counted while a run goes on. */
    static Map<String, Long> results(CounterHistory counters) {
        Map<String, Long> results = new LinkedHashMap<>();
        for (String name : counters.names()) {
            if (SAME.contains(name) || RENAMED.containsKey(name)) {
                results.put(RENAMED.getOrDefault(name, name), (long) counters.last(name));
            }
        }
        return results;
    }

    /** Counters of /proc/vmstat. */
    static Map<String, Long> vmStat(CounterHistory counters) {
        Map<String, Long> all = new LinkedHashMap<>();
        for (VmStatItem item : VmStatItem.values()) {
            if (counters.names().contains(item.key())) {
                all.put(item.key(), (long) counters.last(item.key()));
            }
        }
        return all;
    }
}
