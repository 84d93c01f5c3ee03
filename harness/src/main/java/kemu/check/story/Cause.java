package kemu.check.story;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Why a story ends as it does, in a sentence or two, from what its locks and re-read words went through. */
public final class Cause {
    /** A lock that a CPU frees without having taken it. */
    private record WrongUnlock(Step step, String freed, String kept, Step taken) {}

    private final Story story;
    private final List<Map<String, Step>> held = new ArrayList<>();
    private WrongUnlock wrong;

    private Cause(Story story) {
        this.story = story;
        for (int i = 0; i < story.cpus(); i++) {
            held.add(new LinkedHashMap<>());
        }
    }

    /** One paragraph, without line breaks. */
    public static String of(Story story) {
        Cause cause = new Cause(story);
        cause.followLocks();
        if (cause.wrong != null) {
            return cause.tellWrongUnlock();
        }
        String deadlock = cause.tellDeadlock();
        return deadlock != null ? deadlock : cause.tellFailure();
    }

    private void followLocks() {
        for (Step step : story.steps()) {
            String lock = step.lock();
            if (lock == null) {
                continue;
            }
            Map<String, Step> mine = held.get(step.cpu());
            if (step.locks()) {
                mine.putIfAbsent(lock, step);
            } else if (mine.remove(lock) == null && wrong == null && !freeing(step, lock)) {
                Map.Entry<String, Step> kept = last(mine);
                wrong = new WrongUnlock(
                        step, lock, kept == null ? null : kept.getKey(), kept == null ? null : kept.getValue());
            }
        }
    }

    /** True if the step belongs to an unlock that has been told: freeing a lock can take several accesses. */
    private boolean freeing(Step step, String lock) {
        for (int i = step.number() - 2; i >= 0; i--) {
            Step earlier = story.steps().get(i);
            if (earlier.cpu() == step.cpu() && !earlier.calls().isEmpty()) {
                return earlier.unlocks() && lock.equals(earlier.lock());
            }
        }
        return false;
    }

    private static Map.Entry<String, Step> last(Map<String, Step> mine) {
        Map.Entry<String, Step> last = null;
        for (Map.Entry<String, Step> entry : mine.entrySet()) {
            last = entry;
        }
        return last;
    }

    private static String who(Step step) {
        return step.task() + " on CPU#" + step.cpu();
    }

    private String tellWrongUnlock() {
        StringBuilder out = new StringBuilder();
        out.append(who(wrong.step));
        if (wrong.kept == null) {
            out.append(" releases ").append(wrong.freed).append(" (step ").append(wrong.step.number());
            out.append("), which it does not hold");
        } else {
            out.append(" takes ").append(wrong.kept).append(" (step ").append(wrong.taken.number());
            out.append(") and releases ").append(wrong.freed).append(" instead (step ");
            out.append(wrong.step.number()).append(')');
        }
        Step[] reread = reread();
        if (reread != null) {
            out.append(": it reads ").append(reread[0].object()).append(" once more (steps ");
            out.append(reread[0].number())
                    .append(" and ")
                    .append(reread[2].number())
                    .append("), and ");
            out.append(who(reread[1])).append(" has changed it in between from ");
            out.append(Story.value(reread[0].after())).append(" to ").append(Story.value(reread[2].after()));
            out.append(" (step ").append(reread[1].number()).append(", ").append(outer(reread[1]));
            out.append(')');
        }
        out.append('.');
        if (wrong.kept != null && held.get(wrong.step.cpu()).containsKey(wrong.kept)) {
            out.append(' ').append(wrong.kept).append(" stays locked for ever, and whoever takes it next hangs.");
        }
        return out.toString();
    }

    /** First read, change by another CPU, and second read of the word that led to the wrong lock; or null. */
    private Step[] reread() {
        for (int k = wrong.step.number() - 1; k >= 0; k--) {
            Step second = story.steps().get(k);
            if (second.cpu() != wrong.step.cpu() || !second.what().equals("read") || second.width() != 8) {
                continue;
            }
            Step change = null;
            for (int i = k - 1; i >= 0; i--) {
                Step earlier = story.steps().get(i);
                if (earlier.address() != second.address()) {
                    continue;
                }
                if (earlier.cpu() != second.cpu() && earlier.writes() && earlier.after() == second.after()) {
                    change = earlier;
                } else if (earlier.cpu() == second.cpu() && earlier.after() != second.after() && change != null) {
                    return new Step[] {earlier, change, second};
                }
            }
        }
        return null;
    }

    /** The innermost function that is not an accessor of one field. */
    private static String outer(Step step) {
        return step.calls().size() > 1 ? step.function() + " in " + step.calls().get(1) : step.function();
    }

    private String tellDeadlock() {
        Step[] waits = new Step[story.cpus()];
        for (Step step : story.steps()) {
            waits[step.cpu()] = step.waits() ? step : null;
        }
        StringBuilder out = new StringBuilder();
        for (Step wait : waits) {
            String lock = wait == null ? null : wait.lock();
            if (lock == null) {
                continue;
            }
            held.get(wait.cpu()).remove(lock);
            out.append(out.isEmpty() ? "" : "; ")
                    .append(who(wait))
                    .append(" waits for ")
                    .append(lock);
            for (int other = 0; other < waits.length; other++) {
                Step taken = held.get(other).get(lock);
                if (taken != null && other != wait.cpu()) {
                    out.append(", which ").append(who(taken)).append(" has held since step ");
                    out.append(taken.number());
                }
            }
        }
        return out.isEmpty() ? null : out.append('.').toString();
    }

    private String tellFailure() {
        String head = story.failure().lines().findFirst().orElse("nothing was said");
        if (story.steps().isEmpty()) {
            return head;
        }
        Step last = story.steps().get(story.steps().size() - 1);
        String where = last.function().isEmpty() ? "" : " in " + outer(last);
        return "after step " + last.number() + ", by " + who(last) + where + ": " + head;
    }
}
