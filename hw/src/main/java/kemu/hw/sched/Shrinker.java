package kemu.hw.sched;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;

/**
 * Makes a failing schedule short: first fewer context switches, then fewer steps before each. Every candidate is
 * executed; it counts if the same failure follows. Where a candidate does not fit, the execution goes on without
 * switching, so what is executed may again be another schedule, which is then the one kept.
 */
public final class Shrinker {
    private static final int MOST_AT_ONCE = 16;

    private final Explorer explorer;
    private final BiPredicate<Result, Result> same;
    private int triesLeft;
    private Result best;

    /**
     * Shrinks failures found by {@code explorer}.
     *
     * @param same whether the second result is the same failure as the first
     */
    public Shrinker(Explorer explorer, BiPredicate<Result, Result> same) {
        this.explorer = explorer;
        this.same = same;
    }

    /** Shrinks failures found by {@code explorer}; the same failure is one with the same outcome and message. */
    public Shrinker(Explorer explorer) {
        this(explorer, Shrinker::sameMessage);
    }

    private static boolean sameMessage(Result one, Result other) {
        return one.outcome() == other.outcome()
                && String.valueOf(one.failure().getMessage())
                        .equals(other.failure().getMessage());
    }

    /** The same failure with fewer switches and steps; {@code failure} itself if {@code tries} find none. */
    public Result shrink(Result failure, int tries) {
        best = failure;
        triesLeft = tries;
        withoutBuffers();
        boolean better = true;
        while (better && triesLeft > 0) {
            better = false;
            for (int width = MOST_AT_ONCE; width > 0; width /= 2) {
                better |= dropRuns(width);
            }
            better |= joinRuns();
            better |= moveEnds();
        }
        return best;
    }

    /** Leaves what happens to buffers to the moments when it must. */
    private void withoutBuffers() {
        Lanes lanes = explorer.exploration().lanes();
        List<int[]> runs = runsOf(best.trail());
        runs.removeIf(run -> !lanes.isStep(run[0]));
        attempt(runs);
    }

    /** Deletes neighbouring runs: what they did is done later. */
    private boolean dropRuns(int width) {
        boolean better = false;
        int run = 0;
        while (run + width <= best.trail().runs() && triesLeft > 0) {
            List<int[]> runs = runsOf(best.trail());
            runs.subList(run, run + width).clear();
            if (attempt(runs)) {
                better = true;
            } else {
                run++;
            }
        }
        return better;
    }

    /** Moves a run forward to the next run of the same lane. */
    private boolean joinRuns() {
        boolean better = false;
        int run = 0;
        while (run + 2 < best.trail().runs() && triesLeft > 0) {
            List<int[]> runs = runsOf(best.trail());
            int[] moved = runs.remove(run);
            int later = run + 1;
            while (later < runs.size() && runs.get(later)[0] != moved[0]) {
                later++;
            }
            if (later < runs.size()) {
                runs.get(later)[1] += moved[1];
                if (attempt(runs)) {
                    better = true;
                    continue;
                }
            }
            run++;
        }
        return better;
    }

    /** Lets a run end earlier: by halves, then by single steps. */
    private boolean moveEnds() {
        boolean better = false;
        int run = 0;
        while (run < best.trail().runs() && triesLeft > 0) {
            boolean cutIt = false;
            for (int cut = best.trail().count(run) / 2; cut > 0 && !cutIt; cut /= 2) {
                List<int[]> runs = runsOf(best.trail());
                runs.get(run)[1] -= cut;
                cutIt = attempt(runs);
            }
            better |= cutIt;
            run += cutIt ? 0 : 1;
        }
        return better;
    }

    private boolean attempt(List<int[]> runs) {
        if (triesLeft-- <= 0) {
            return false;
        }
        Trail candidate = new Trail();
        for (int[] run : runs) {
            candidate.add(run[0], run[1]);
        }
        Result found = explorer.follow(candidate, best.pollsAreSteps());
        if (found.verdict() != Result.Verdict.FAIL
                || !same.test(best, found)
                || !shorter(found.trail(), best.trail())) {
            return false;
        }
        best = found;
        return true;
    }

    /** Fewer switches of CPU, then fewer runs, then fewer steps, then switches that come earlier. */
    private boolean shorter(Trail found, Trail known) {
        Lanes lanes = explorer.exploration().lanes();
        long[] a = {switches(found, lanes), found.runs(), found.steps(), weight(found)};
        long[] b = {switches(known, lanes), known.runs(), known.steps(), weight(known)};
        return java.util.Arrays.compare(a, b) < 0;
    }

    private static long weight(Trail trail) {
        long sum = 0;
        long at = 0;
        for (int run = 0; run < trail.runs(); run++) {
            at += trail.count(run);
            sum += at;
        }
        return sum;
    }

    /** How often {@code trail} goes on with another CPU; what happens to buffers does not count. */
    public static int switches(Trail trail, Lanes lanes) {
        int count = 0;
        int last = -1;
        for (int run = 0; run < trail.runs(); run++) {
            int lane = trail.lane(run);
            if (lanes.isStep(lane)) {
                count += last >= 0 && lane != last ? 1 : 0;
                last = lane;
            }
        }
        return count;
    }

    private static List<int[]> runsOf(Trail trail) {
        List<int[]> runs = new ArrayList<>();
        for (int run = 0; run < trail.runs(); run++) {
            runs.add(new int[] {trail.lane(run), trail.count(run)});
        }
        return runs;
    }
}
