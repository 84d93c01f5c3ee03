package kemu.check.story;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kemu.hw.cpu.Event;
import kemu.perfetto.TraceSpan;

/** Locks in a trace: every hold, and every wait that took a step. */
final class LockSpans {
    private static final String GROUP = "locks";

    private final Story story;
    private final int cpu;
    private final long end;

    private LockSpans(Story story, int cpu) {
        this.story = story;
        this.cpu = cpu;
        end = TraceTime.end(story.steps().size());
    }

    /** Those of {@code cpu}. */
    static List<TraceSpan> of(Story story, int cpu) {
        LockSpans locks = new LockSpans(story, cpu);
        List<TraceSpan> spans = new ArrayList<>(locks.holds());
        spans.addAll(locks.waits());
        return spans;
    }

    /** True if a task of {@code cpu} waits for a lock in the end. */
    static boolean stuck(Story story, int cpu) {
        LockSpans locks = new LockSpans(story, cpu);
        return locks.waits().stream().anyMatch(wait -> wait.args().containsKey("left"));
    }

    private List<TraceSpan> holds() {
        List<TraceSpan> spans = new ArrayList<>();
        for (LockSpan hold : LockSpan.of(story)) {
            if (hold.cpu() != cpu) {
                continue;
            }
            Map<String, String> args = args(hold.task(), hold.address(), hold.from());
            if (hold.left()) {
                args.put("left", "never freed");
            } else {
                args.put("to step", Integer.toString(hold.to()));
            }
            long to = hold.left() ? end : TraceTime.end(hold.to());
            spans.add(new TraceSpan(GROUP, TraceTime.begin(hold.from()), to, hold.lock(), args));
        }
        return spans;
    }

    private List<TraceSpan> waits() {
        List<TraceSpan> spans = new ArrayList<>();
        List<LockEvent> wanted = new ArrayList<>();
        for (LockEvent event : story.locks()) {
            if (event.cpu() != cpu) {
                continue;
            }
            if (event.event() == Event.LOCK_WANTED) {
                wanted.add(event);
            } else if (event.event() == Event.LOCKED) {
                LockEvent asked = asked(wanted, event);
                wanted.remove(asked);
                if (asked != null && asked.step() + 1 < event.step()) {
                    spans.add(wait(asked, TraceTime.begin(event.step()), args(event.step(), asked)));
                }
            }
        }
        for (LockEvent asked : wanted) {
            Map<String, String> args = args(asked.task(), asked.lock(), asked.step() + 1);
            args.put("left", "not taken in the end");
            if (asked.step() < story.steps().size()) {
                spans.add(wait(asked, end, args));
            }
        }
        return spans;
    }

    private static LockEvent asked(List<LockEvent> wanted, LockEvent taken) {
        for (LockEvent one : wanted) {
            if (one.pid() == taken.pid() && one.same(taken)) {
                return one;
            }
        }
        return null;
    }

    private static TraceSpan wait(LockEvent asked, long to, Map<String, String> args) {
        return new TraceSpan(GROUP, TraceTime.end(asked.step()), to, "waits for " + asked.name(), args);
    }

    private static Map<String, String> args(int taken, LockEvent asked) {
        Map<String, String> args = args(asked.task(), asked.lock(), asked.step() + 1);
        args.put("taken in step", Integer.toString(taken));
        return args;
    }

    private static Map<String, String> args(String task, long address, int from) {
        Map<String, String> args = new LinkedHashMap<>();
        args.put("task", task);
        args.put("address", "0x" + Long.toHexString(address));
        args.put("from step", Integer.toString(from));
        return args;
    }
}
