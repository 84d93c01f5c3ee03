package kemu.check.story;

import java.util.List;

/**
 * The step of one CPU that has to come before another CPU is through, or nothing fails: found by stopping the CPU
 * earlier and earlier.
 *
 * @param victim the CPU that is disturbed
 * @param step the first step of the other CPU that must not come in between
 * @param decisive true if it fails again as soon as this one step, and nothing after it, comes in between
 */
record Interference(int victim, Step step, boolean decisive) {
    /**
     * What comes between the steps of {@code victim} from CPU {@code by} and makes the failure; null if nothing does.
     */
    static Interference find(Story story, Trials trials, int victim, int by) {
        List<Step> steps =
                story.steps().stream().filter(step -> step.cpu() == by).toList();
        int holds = firstThatHolds(steps, trials, victim);
        if (holds < 0) {
            return null;
        }
        // Invariant: stopped before step number holds it ends well; before the one at fails it does not.
        int fails = steps.size();
        while (fails - holds > 1) {
            int middle = holds + fails >>> 1;
            if (at(steps, middle, trials, victim) == Trials.Outcomes.HOLDS) {
                holds = middle;
            } else {
                fails = middle;
            }
        }
        boolean decisive = fails == steps.size() || at(steps, fails, trials, victim) == Trials.Outcomes.FAILS;
        return new Interference(victim, steps.get(holds), decisive);
    }

    /** The first step of a row of steps of the CPU before which it can be stopped so that nothing fails; or -1. */
    private static int firstThatHolds(List<Step> steps, Trials trials, int victim) {
        for (int i = 0; i < steps.size(); i++) {
            boolean begins = i == 0 || steps.get(i).number() != steps.get(i - 1).number() + 1;
            if (begins && at(steps, i, trials, victim) == Trials.Outcomes.HOLDS) {
                return i;
            }
        }
        return -1;
    }

    private static Trials.Outcomes at(List<Step> steps, int i, Trials trials, int victim) {
        return trials.stop(steps.get(i).cpu(), steps.get(i).number(), victim);
    }

    /** The sentence that says what was tried. */
    static String proof(Story story, Step stopped, int victim) {
        return "Proved by replay: with CPU#" + stopped.cpu() + " stopped before step " + stopped.number() + " until "
                + name(story, victim) + " is through, it does not fail.";
    }

    /** A CPU by its task. */
    static String name(Story story, int cpu) {
        Step last = story.lastOf(cpu, Integer.MAX_VALUE);
        return last == null ? "CPU#" + cpu : last.who();
    }

    /** Who disturbs whom, with what. */
    String text(Story story) {
        Step before = story.lastOf(victim, step.number());
        StringBuilder out = new StringBuilder();
        out.append(step.who())
                .append(" comes to step ")
                .append(step.number())
                .append(" (")
                .append(told(step));
        out.append(") before ").append(name(story, victim)).append(" is through");
        if (before == null) {
            out.append(", which has not begun then");
        } else {
            out.append(", which has come to step ").append(before.number()).append(" (");
            out.append(told(before)).append(')');
        }
        return out.append(". ").append(proof(story, step, victim)).toString();
    }

    /** A step in a few words. */
    static String told(Step step) {
        return StoryTable.text(step);
    }
}
