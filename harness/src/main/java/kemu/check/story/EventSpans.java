package kemu.check.story;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kemu.check.story.ToldEvents.Told;
import kemu.hw.cpu.Event;
import kemu.perfetto.TraceSpan;

/** What RCU and interrupts have said, in a trace: readers, waits, grace periods, interrupts. */
final class EventSpans {
    private final Story story;
    private final List<TraceSpan> spans = new ArrayList<>();
    private final List<Told> open = new ArrayList<>();

    private EventSpans(Story story) {
        this.story = story;
    }

    /** Those of {@code cpu}. */
    static List<TraceSpan> of(Story story, int cpu) {
        EventSpans all = new EventSpans(story);
        for (Told told : story.events()) {
            if (told.cpu() == cpu && !isGrace(told)) {
                all.add(told);
            }
        }
        return all.ended();
    }

    /** Grace periods, which are of no CPU. */
    static List<TraceSpan> gracePeriods(Story story) {
        EventSpans all = new EventSpans(story);
        story.events().stream().filter(EventSpans::isGrace).forEach(all::add);
        return all.ended();
    }

    private static boolean isGrace(Told told) {
        return told.event() == Event.RCU_GRACE_BEGUN || told.event() == Event.RCU_GRACE_OVER;
    }

    /** What ends the stretch that {@code event} begins; 0 if it begins none. */
    private static int endOf(int event) {
        return switch (event) {
            case Event.RCU_READ_LOCKED -> Event.RCU_READ_UNLOCKING;
            case Event.RCU_WAITS -> Event.RCU_WAITED;
            case Event.RCU_GRACE_BEGUN -> Event.RCU_GRACE_OVER;
            case Event.IRQ_ENTERED -> Event.IRQ_LEFT;
            default -> 0;
        };
    }

    private void add(Told told) {
        if (endOf(told.event()) != 0) {
            open.add(told);
            return;
        }
        for (int i = open.size() - 1; i >= 0; i--) {
            Told begun = open.get(i);
            if (endOf(begun.event()) == told.event() && (isGrace(told) || begun.pid() == told.pid())) {
                open.remove(i);
                spans.add(span(begun, TraceTime.within(told.step(), told.order()), true));
                return;
            }
        }
    }

    private List<TraceSpan> ended() {
        long end = TraceTime.end(story.steps().size());
        open.forEach(begun -> spans.add(span(begun, end, false)));
        return spans;
    }

    private static TraceSpan span(Told begun, long to, boolean ended) {
        Map<String, String> args = new LinkedHashMap<>();
        args.put("task", begun.task());
        args.put("from step", Integer.toString(begun.step()));
        if (!ended) {
            args.put("left", "not over in the end");
        }
        return new TraceSpan(
                group(begun.event()), TraceTime.within(begun.step(), begun.order()), to, name(begun), args);
    }

    private static String group(int event) {
        return switch (event) {
            case Event.RCU_READ_LOCKED -> "RCU readers";
            case Event.RCU_WAITS -> "waits for RCU";
            case Event.RCU_GRACE_BEGUN -> "grace periods";
            default -> "interrupts";
        };
    }

    private static String name(Told begun) {
        return switch (begun.event()) {
            case Event.RCU_READ_LOCKED -> "rcu_read_lock";
            case Event.RCU_WAITS -> begun.object() == Event.RCU_BARRIER ? "rcu_barrier" : "synchronize_rcu";
            case Event.RCU_GRACE_BEGUN -> "grace period " + begun.object();
            default -> "interrupt";
        };
    }
}
