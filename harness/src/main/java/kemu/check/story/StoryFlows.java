package kemu.check.story;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import kemu.check.story.ToldEvents.Told;
import kemu.hw.cpu.Event;
import kemu.perfetto.TraceFlow;

/** Arrows of a story: from a wake-up to the first step of the task, from call_rcu to its callback. */
final class StoryFlows {
    private StoryFlows() {}

    /** All arrows of a story, both ends of each, by time. */
    static List<TraceFlow> of(Story story) {
        List<TraceFlow> ends = new ArrayList<>();
        List<Told> events = story.events();
        for (int i = 0; i < events.size(); i++) {
            Told from = events.get(i);
            if (from.step() == 0) {
                continue;
            }
            if (from.event() == Event.TASK_WOKEN) {
                Step run = firstOf(story, (int) from.detail(), from.step());
                if (run != null) {
                    arrow(ends, "wake-up", from, run.cpu(), TraceTime.within(run.number(), 1));
                }
            } else if (from.event() == Event.RCU_QUEUED) {
                Told call = invoked(events, i);
                if (call != null) {
                    arrow(ends, "call_rcu", from, call.cpu(), TraceTime.within(call.step(), call.order()));
                }
            }
        }
        ends.sort(Comparator.comparingLong(TraceFlow::at));
        return ends;
    }

    private static void arrow(List<TraceFlow> ends, String name, Told from, int cpu, long at) {
        int id = ends.size() / 2 + 1;
        ends.add(new TraceFlow(id, name, true, from.cpu(), TraceTime.within(from.step(), from.order())));
        ends.add(new TraceFlow(id, name, false, cpu, at));
    }

    /** The first step of task {@code pid} after step {@code number}; null if it runs no more. */
    private static Step firstOf(Story story, int pid, int number) {
        for (Step step : story.steps().subList(number, story.steps().size())) {
            if (story.pidOf(step) == pid && !step.drains() && step.act() != Act.INVALIDATION) {
                return step;
            }
        }
        return null;
    }

    private static Told invoked(List<Told> events, int queued) {
        for (Told event : events.subList(queued + 1, events.size())) {
            if (event.event() == Event.RCU_INVOKED
                    && event.object() == events.get(queued).object()) {
                return event;
            }
        }
        return null;
    }
}
