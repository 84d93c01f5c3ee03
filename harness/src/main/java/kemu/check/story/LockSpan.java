package kemu.check.story;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** From when to when a CPU believes to hold a lock: what its calls of lock and unlock say. */
record LockSpan(String lock, int cpu, String task, int from, int to, boolean left) {
    /** All spans of a story in the order in which the locks are taken; locks that are left are held to its end. */
    static List<LockSpan> of(Story story) {
        List<LockSpan> spans = new ArrayList<>();
        List<Map<String, Step>> held = new ArrayList<>();
        for (int i = 0; i < story.cpus(); i++) {
            held.add(new LinkedHashMap<>());
        }
        for (Step step : story.steps()) {
            String lock = step.lock();
            if (lock == null) {
                continue;
            }
            if (step.locks()) {
                held.get(step.cpu()).putIfAbsent(lock, step);
                continue;
            }
            Step taken = held.get(step.cpu()).remove(lock);
            if (taken != null) {
                spans.add(new LockSpan(lock, step.cpu(), step.task(), taken.number(), step.number(), false));
            }
        }
        for (Map<String, Step> mine : held) {
            mine.forEach((lock, taken) -> spans.add(new LockSpan(
                    lock,
                    taken.cpu(),
                    taken.task(),
                    taken.number(),
                    story.steps().size(),
                    true)));
        }
        spans.sort((a, b) -> Integer.compare(a.from, b.from));
        return spans;
    }
}
