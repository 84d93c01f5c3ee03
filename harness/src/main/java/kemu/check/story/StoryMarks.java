package kemu.check.story;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import kemu.hw.cpu.Event;
import kemu.perfetto.TraceMark;

/** What takes no time in a story. */
final class StoryMarks {
    private StoryMarks() {}

    /** Those of {@code cpu}, by track, then by time: quiescent states, callbacks, lives of slab objects. */
    static List<TraceMark> of(Story story, int cpu) {
        List<TraceMark> marks = new ArrayList<>();
        for (ToldEvents.Told told : story.events()) {
            long at = TraceTime.within(told.step(), told.order());
            String object = " 0x" + Long.toHexString(told.object());
            String bits =
                    "reports quiescent state, bits 0x" + Long.toHexString(told.detail()) + " of rcu_node" + object;
            if (told.cpu() == cpu) {
                switch (told.event()) {
                    case Event.RCU_QUIESCENT -> marks.add(new TraceMark("quiescent states", at, bits));
                    case Event.RCU_QUEUED -> marks.add(new TraceMark("RCU callbacks", at, "call_rcu" + object));
                    case Event.RCU_INVOKED -> marks.add(new TraceMark("RCU callbacks", at, "calls back" + object));
                    default -> {
                        // Takes time, or is an arrow.
                    }
                }
            }
        }
        for (ObjectEvent event : story.objects()) {
            if (event.cpu() == cpu) {
                String what = (event.freed() ? "frees " : "allocates ") + event.name();
                marks.add(new TraceMark("objects", TraceTime.begin(event.step()), what));
            }
        }
        marks.sort(Comparator.comparing(TraceMark::track).thenComparingLong(TraceMark::at));
        return marks;
    }
}
