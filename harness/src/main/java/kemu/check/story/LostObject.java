package kemu.check.story;

import java.util.ArrayList;
import java.util.List;

/**
 * A task has found an object by a pointer, and uses it although another task has freed it since, and perhaps allocated
 * it again. That may be allowed; it is the cause if the failure needs the end of that life.
 */
final class LostObject {
    private final Story story;
    private final ObjectEvent freed;
    private final int user;
    private Step foundIn;
    private Access found;
    private Step used;

    private LostObject(Story story, ObjectEvent freed, int user) {
        this.story = story;
        this.freed = freed;
        this.user = user;
    }

    /** The last such object that CPU {@code user} loses, told and proved; null if there is none. */
    static Cause of(Story story, Trials trials, int user) {
        for (int i = story.objects().size() - 1; i >= 0; i--) {
            ObjectEvent freed = story.objects().get(i);
            if (freed.freed() && freed.cpu() != user) {
                LostObject lost = new LostObject(story, freed, user);
                if (lost.isUsed()) {
                    Cause cause = lost.tell(trials);
                    if (cause != null) {
                        return cause;
                    }
                }
            }
        }
        return null;
    }

    /** True if the object is found in the life that ends, and used after its end. */
    private boolean isUsed() {
        for (Step step : story.steps()) {
            if (step.cpu() == user) {
                look(step, step.main());
                step.plain().forEach(access -> look(step, access));
            }
        }
        return found != null && used != null;
    }

    private void look(Step step, Access access) {
        // Low bits of a pointer may say what it points to.
        if (access.loadsPointer() && (access.after() & -8L) == freed.object().begin()) {
            boolean inTime = step.number() <= freed.step() || access.isOld();
            found = inTime ? access : null;
            foundIn = step;
            used = null;
        } else if (found != null && step.number() > freed.step() && access.isIn(freed.object())) {
            used = step;
        }
    }

    private Cause tell(Trials trials) {
        Interference needed = Interference.find(story, trials, user, freed.cpu());
        if (needed == null || needed.step().number() < freed.step()) {
            return null;
        }
        ObjectEvent again = allocatedAgain();
        List<Integer> evidence = new ArrayList<>(List.of(
                foundIn.number(), used.number(), freed.step(), needed.step().number()));
        StringBuilder out = new StringBuilder(foundIn.who());
        out.append(" finds ").append(freed.name()).append(" in ").append(found.object());
        out.append(" (step ").append(foundIn.number());
        if (found.isOld()) {
            out.append(", an old value: memory has ").append(Story.value(found.memory()));
            Step change = lastChange();
            out.append(change == null ? " by then" : " since step " + change.number());
            evidence.add(change == null ? foundIn.number() : change.number());
        }
        out.append(") and uses it (last in step ").append(used.number()).append("), though ");
        out.append(freed.task()).append(" on CPU#").append(freed.cpu()).append(" has freed it (after step ");
        out.append(freed.step()).append(')');
        if (again != null) {
            out.append(" and ").append(again.cpu() == freed.cpu() ? "" : again.task() + " has ");
            out.append("allocated it again (after step ").append(again.step()).append(')');
            evidence.add(again.step());
        }
        out.append(". ").append(Interference.proof(story, needed.step(), user));
        return new Cause(Cause.Why.LOST_OBJECT, List.of(freed.object().begin()), out.toString(), true, evidence);
    }

    private ObjectEvent allocatedAgain() {
        boolean after = false;
        for (ObjectEvent event : story.objects()) {
            if (after
                    && !event.freed()
                    && event.object().begin() == freed.object().begin()
                    && event.step() <= used.number()) {
                return event;
            }
            after |= event == freed;
        }
        return null;
    }

    /** The step with which the word that was read took the value that memory has. */
    private Step lastChange() {
        for (int k = foundIn.number() - 2; k >= 0; k--) {
            Step step = story.steps().get(k);
            if (step.address() == found.address() && step.publishes(story.buffered())) {
                return step;
            }
        }
        return null;
    }
}
