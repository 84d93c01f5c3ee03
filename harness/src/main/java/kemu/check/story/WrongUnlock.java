package kemu.check.story;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cpu.Event;

/**
 * A task frees a lock that it does not hold. If it has found the lock it took, and the one it frees, through one word
 * that it read twice, and another CPU has changed the word, then that is why; if an execution without shows it.
 */
final class WrongUnlock {
    /** Farthest that a lock can be from where a pointer to its object points. */
    private static final int FARTHEST = 4096;

    /** A load, by its step. */
    private record Load(Step step, Access access) {}

    private final Story story;
    private final LockEvent freed;
    /** The lock that the task holds and keeps; null if it holds none. */
    private final LockEvent kept;

    private final List<Integer> evidence = new ArrayList<>();
    /** Why it frees another lock; null as long as that is not known. */
    private String why;

    private WrongUnlock(Story story, LockEvent freed, LockEvent kept) {
        this.story = story;
        this.freed = freed;
        this.kept = kept;
    }

    /** The first of {@code story}, or null. */
    static WrongUnlock of(Story story) {
        List<LockEvent> held = new ArrayList<>();
        for (LockEvent event : story.locks()) {
            if (event.event() == Event.LOCKED) {
                held.add(event);
            } else if (event.event() == Event.UNLOCKING) {
                LockEvent taken = LockSpan.holding(held, event);
                if (taken == null && !event.handedOver()) {
                    return new WrongUnlock(story, event, lastOf(held, event.pid()));
                }
                held.remove(taken);
            }
        }
        return null;
    }

    private static LockEvent lastOf(List<LockEvent> held, int pid) {
        LockEvent last = null;
        for (LockEvent taken : held) {
            last = taken.pid() == pid && !taken.handedOver() ? taken : last;
        }
        return last;
    }

    /** True if {@code trials} show why the task frees another lock than the one it has taken. */
    boolean explain(Trials trials) {
        why = kept == null ? null : why(trials);
        return why != null;
    }

    /** What is known, and what is proved; {@code raced} is why it happens, if that is known from elsewhere. */
    Cause tell(Cause raced) {
        List<Integer> steps = new ArrayList<>(List.of(freed.step(), freed.step() + 1));
        List<Long> about = new ArrayList<>(List.of(freed.lock()));
        StringBuilder out = new StringBuilder(freed.task() + " on CPU#" + freed.cpu());
        if (kept == null) {
            out.append(" releases ")
                    .append(freed.name())
                    .append(" (after step ")
                    .append(freed.step());
            out.append("), which it does not hold");
        } else {
            out.append(" takes ").append(kept.name()).append(" (step ").append(kept.step());
            out.append(") and releases ").append(freed.name()).append(" instead (after step ");
            out.append(freed.step()).append(')');
            steps.add(kept.step());
            about.add(kept.lock());
        }
        steps.addAll(evidence);
        out.append(why != null ? why : raced != null ? "." : ". Why it does so is not explained.");
        if (kept != null && isLeft()) {
            out.append(' ').append(kept.name()).append(" stays locked for ever, and whoever takes it next hangs.");
        }
        Cause cause = new Cause(Cause.Why.WRONG_UNLOCK, about, out.toString(), why != null, steps);
        return raced == null
                ? cause
                : new Cause(
                        cause.why(),
                        Cause.join(about, raced.about()),
                        cause.text() + ' ' + raced.text(),
                        true,
                        Cause.join(steps, raced.evidence()));
    }

    private boolean isLeft() {
        return LockSpan.of(story).stream().anyMatch(span -> span.left() && span.address() == kept.lock());
    }

    /** The word that led to two locks, read before and after somebody has changed it; null if that is not so. */
    private String why(Trials trials) {
        List<Load> loads = loads();
        for (int j = loads.size() - 1; j > 0; j--) {
            Load second = loads.get(j);
            long offset = freed.lock() - second.access.after();
            if (offset < 0 || offset >= FARTHEST) {
                continue;
            }
            for (int i = j - 1; i >= 0; i--) {
                Load first = loads.get(i);
                if (first.access.address() == second.access.address()
                        && first.access.after() == kept.lock() - offset
                        && first.step.number() <= kept.step()) {
                    Step change = change(second);
                    String proof = change == null ? null : proof(trials, change);
                    if (proof != null) {
                        evidence.addAll(List.of(first.step.number(), change.number(), second.step.number()));
                        return tell(first, change, second) + ' ' + proof;
                    }
                }
            }
        }
        return null;
    }

    private List<Load> loads() {
        List<Load> loads = new ArrayList<>();
        for (Step step : story.steps()) {
            if (step.cpu() == freed.cpu() && step.number() <= freed.step()) {
                add(loads, step, step.main());
                step.plain().forEach(access -> add(loads, step, access));
            }
        }
        return loads;
    }

    private static void add(List<Load> loads, Step step, Access access) {
        if (access.loadsPointer()) {
            loads.add(new Load(step, access));
        }
    }

    /** The step with which another CPU has given the word the value that is read the second time. */
    private Step change(Load second) {
        boolean buffers = story.buffered();
        for (int k = second.step.number() - 2; k >= 0; k--) {
            Step earlier = story.steps().get(k);
            if (earlier.cpu() != freed.cpu()
                    && earlier.address() == second.access.address()
                    && earlier.publishes(buffers)
                    && earlier.after() == second.access.after()) {
                return earlier;
            }
        }
        return null;
    }

    /** What shows that the change is to blame: stopped before it, or at most a little earlier, nothing fails. */
    private String proof(Trials trials, Step change) {
        if (trials.stop(change.cpu(), change.number(), freed.cpu()) == Trials.Outcomes.HOLDS) {
            return Interference.proof(story, change, freed.cpu());
        }
        Interference found = Interference.find(story, trials, freed.cpu(), change.cpu());
        boolean before = found != null && found.step().number() <= change.number();
        return before ? Interference.proof(story, found.step(), freed.cpu()) : null;
    }

    private String tell(Load first, Step change, Load second) {
        Step by = change.drains() ? writer(change) : change;
        String visible = change.drains() ? ", visible from step " + change.number() : "";
        return ": it reads " + second.access.object().replace(" (free)", "") + " once more (steps "
                + first.step.number() + " and "
                + second.step.number() + "), and " + change.who() + " has changed it in between from "
                + Story.value(first.access.after()) + " to " + Story.value(second.access.after()) + " (step "
                + by.number() + (by.where().isEmpty() ? "" : ", " + by.where()) + visible + ").";
    }

    /** The store that {@code drain} makes visible. */
    private Step writer(Step drain) {
        for (int k = drain.number() - 2; k >= 0; k--) {
            Step earlier = story.steps().get(k);
            if (earlier.cpu() == drain.cpu()
                    && earlier.address() == drain.address()
                    && earlier.act() == Act.WRITE
                    && earlier.after() == drain.after()) {
                return earlier;
            }
        }
        return drain;
    }
}
