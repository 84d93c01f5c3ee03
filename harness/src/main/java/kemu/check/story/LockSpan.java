package kemu.check.story;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cpu.Event;

/**
 * From when to when a task holds a lock, by what the lock has said of itself: from the step that took it to the store
 * that freed it, which others may see later.
 *
 * @param lock its name
 * @param address of the lock
 * @param cpu of the task
 * @param task its name
 * @param from step that took it
 * @param to step that freed it, or the last one
 * @param left true if it was not freed
 */
record LockSpan(String lock, long address, int cpu, String task, int from, int to, boolean left) {
    /** All spans of a story in the order in which the locks are taken. */
    static List<LockSpan> of(Story story) {
        List<LockSpan> spans = new ArrayList<>();
        List<LockEvent> held = new ArrayList<>();
        for (LockEvent event : story.locks()) {
            if (event.event() == Event.LOCKED) {
                held.add(event);
            } else if (event.event() == Event.UNLOCKING) {
                LockEvent taken = holding(held, event);
                if (taken != null) {
                    held.remove(taken);
                    spans.add(span(taken, freedIn(story, event), false));
                }
            }
        }
        for (LockEvent taken : held) {
            spans.add(span(taken, story.steps().size(), true));
        }
        spans.sort((a, b) -> Integer.compare(a.from, b.from));
        return spans;
    }

    private static LockSpan span(LockEvent taken, int to, boolean left) {
        return new LockSpan(taken.name(), taken.lock(), taken.cpu(), taken.task(), Math.max(1, taken.step()), to, left);
    }

    /** The latest hold that {@code freeing} ends: of its task, or of a lock that one task takes and another frees. */
    static LockEvent holding(List<LockEvent> held, LockEvent freeing) {
        for (int i = held.size() - 1; i >= 0; i--) {
            LockEvent taken = held.get(i);
            if (taken.same(freeing) && (taken.pid() == freeing.pid() || taken.handedOver())) {
                return taken;
            }
        }
        return null;
    }

    /** The step of the store that frees the lock: the first of its CPU after it has said so. */
    private static int freedIn(Story story, LockEvent freeing) {
        for (int i = freeing.step(); i < story.steps().size(); i++) {
            Step step = story.steps().get(i);
            if (step.cpu() == freeing.cpu() && step.writes()) {
                return step.number();
            }
        }
        return story.steps().size();
    }
}
