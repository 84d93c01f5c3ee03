package kemu.check.story;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cpu.Event;
import kemu.hw.explore.Outcome;

/**
 * Why a story ends as it does, from what its locks, its objects and its loads went through. What is said to be the
 * cause has been left out of an execution like it, and that did not fail ({@link Trials}); where no such execution is
 * found, the cause is not explained, and the last events are all there is to say.
 *
 * @param why what kind of cause it is
 * @param about addresses of the locks, objects or words that it speaks of
 * @param text one paragraph, without line breaks
 * @param proved true if executions without the cause were tried and do not fail
 * @param evidence numbers of the steps that it speaks of
 */
record Cause(Why why, List<Long> about, String text, boolean proved, List<Integer> evidence) {
    /** Kinds of causes. */
    enum Why {
        /** Nothing failed. */
        NOTHING,
        /** A task has freed a lock that it does not hold. */
        WRONG_UNLOCK,
        /** Tasks wait for each other. */
        DEADLOCK,
        /** An object is used after the end of its life. */
        LOST_OBJECT,
        /** A step of another CPU comes too early. */
        INTERFERENCE,
        /** Not known. */
        UNEXPLAINED
    }

    /** The cause of {@code story}, which {@code trials} can try in other ways. */
    static Cause of(Story story, Trials trials) {
        if (story.failure().isEmpty() || story.steps().isEmpty()) {
            boolean fails = !story.failure().isEmpty();
            Why why = fails ? Why.UNEXPLAINED : Why.NOTHING;
            return new Cause(why, List.of(), fails ? head(story) : "nothing failed", false, List.of());
        }
        WrongUnlock wrong = WrongUnlock.of(story);
        if (wrong != null && wrong.explain(trials)) {
            return wrong.tell(null);
        }
        Cause deadlock = deadlock(story);
        if (deadlock != null) {
            return deadlock;
        }
        Cause raced = raced(story, trials);
        if (wrong != null) {
            return wrong.tell(raced);
        }
        return raced != null ? raced : unexplained(story);
    }

    static <T> List<T> join(List<T> one, List<T> other) {
        List<T> both = new ArrayList<>(one);
        both.addAll(other);
        return both;
    }

    private static String head(Story story) {
        return story.failure().lines().findFirst().orElse("");
    }

    /** The victims in question: the CPU that failed, or, where the end of all shows it, every one. */
    private static List<Integer> victims(Story story) {
        int last = story.steps().get(story.steps().size() - 1).cpu();
        List<Integer> victims = new ArrayList<>(List.of(last));
        for (int cpu = 0; cpu < story.cpus() && story.outcome() != Outcome.FAILED; cpu++) {
            if (cpu != last) {
                victims.add(cpu);
            }
        }
        return victims;
    }

    private static Cause raced(Story story, Trials trials) {
        for (int victim : victims(story)) {
            Cause lost = LostObject.of(story, trials, victim);
            if (lost != null) {
                return lost;
            }
        }
        for (int victim : victims(story)) {
            for (int by = 0; by < story.cpus(); by++) {
                Interference found = by == victim ? null : Interference.find(story, trials, victim, by);
                if (found != null) {
                    Step before = story.lastOf(victim, found.step().number());
                    return new Cause(
                            Why.INTERFERENCE,
                            List.of(found.step().address()),
                            found.text(story),
                            true,
                            List.of(
                                    found.step().number(),
                                    before == null ? found.step().number() : before.number()));
                }
            }
        }
        return null;
    }

    /** Who waits for whom, if nobody can go on. */
    private static Cause deadlock(Story story) {
        if (story.outcome() != Outcome.HUNG) {
            return null;
        }
        List<LockEvent> held = new ArrayList<>();
        List<LockEvent> wanted = new ArrayList<>();
        for (LockEvent event : story.locks()) {
            switch (event.event()) {
                case Event.LOCK_WANTED -> wanted.add(event);
                case Event.LOCKED -> {
                    wanted.removeIf(one -> one.pid() == event.pid() && one.same(event));
                    held.add(event);
                }
                default -> held.remove(LockSpan.holding(held, event));
            }
        }
        List<Integer> evidence = new ArrayList<>();
        List<Long> about = new ArrayList<>();
        StringBuilder out = new StringBuilder();
        for (LockEvent wait : wanted) {
            out.append(out.isEmpty() ? "" : "; ").append(wait.task()).append(" on CPU#");
            out.append(wait.cpu()).append(" waits for ").append(wait.name());
            out.append(" (since step ").append(wait.step() + 1).append(')');
            evidence.add(wait.step() + 1);
            about.add(wait.lock());
            for (LockEvent taken : held) {
                if (taken.lock() == wait.lock()) {
                    out.append(", which ")
                            .append(taken.task())
                            .append(" on CPU#")
                            .append(taken.cpu());
                    out.append(" has held since step ").append(taken.step());
                    evidence.add(taken.step());
                }
            }
        }
        return out.isEmpty()
                ? null
                : new Cause(Why.DEADLOCK, about, out.append('.').toString(), true, evidence);
    }

    /** No execution was found that shows what it is. */
    private static Cause unexplained(Story story) {
        Step last = story.steps().get(story.steps().size() - 1);
        List<Integer> evidence = new ArrayList<>(List.of(last.number()));
        StringBuilder out = new StringBuilder("not explained; ");
        out.append(head(story))
                .append(" comes after step ")
                .append(last.number())
                .append(" of ");
        out.append(last.who()).append(" (").append(StoryTable.text(last)).append(')');
        for (int cpu = 0; cpu < story.cpus(); cpu++) {
            Step other = cpu == last.cpu() ? null : story.lastOf(cpu, Integer.MAX_VALUE);
            if (other != null) {
                out.append(", with ").append(other.who()).append(" after step ").append(other.number());
                out.append(" (").append(StoryTable.text(other)).append(')');
                evidence.add(other.number());
            }
        }
        return new Cause(Why.UNEXPLAINED, List.of(), out.append('.').toString(), false, evidence);
    }
}
