package kemu.hw.explore;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;

/**
 * Makes a failing schedule short: first fewer context switches, then fewer steps before each. Every candidate is
 * executed; it counts if the same failure follows. Where a candidate does not fit, the execution goes on without
 * switching, so what is executed may again be another schedule, which is then the one kept.
 */
public final class Shrinker {
    private static final int MOST_AT_ONCE = 16;
    private static final int MOST_SPLITS = 16;

    private final Explorer explorer;
    private final BiPredicate<Result, Result> same;
    private int triesLeft;
    private BooleanSupplier stopped;
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
        return shrink(failure, tries, () -> false);
    }

    /** As above; tries no more once {@code stopped} says so, and returns the best so far. */
    public Result shrink(Result failure, int tries, BooleanSupplier stopped) {
        best = failure;
        triesLeft = tries;
        this.stopped = stopped;
        withoutBuffers();
        int runs = Integer.MAX_VALUE;
        while (best.trail().runs() < runs && triesLeft > 0) {
            runs = best.trail().runs();
            dropAndJoin();
            moveEnds();
        }
        return best;
    }

    private void dropAndJoin() {
        boolean better = true;
        while (better && triesLeft > 0) {
            better = false;
            for (int width = MOST_AT_ONCE; width > 0; width /= 2) {
                better |= dropRuns(width);
            }
            better |= joinBlocks();
            better |= splitRuns();
        }
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

    /** Moves all that a CPU does between two switches to where it goes on, or back to where it was before. */
    private boolean joinBlocks() {
        boolean better = false;
        int run = 0;
        while (run < best.trail().runs() && triesLeft > 0) {
            int end = blockEnd(run);
            if (attempt(moved(run, end, true)) || attempt(moved(run, end, false))) {
                better = true;
                run = 0;
            } else {
                run = end;
            }
        }
        return better;
    }

    /** The run after those of the CPU of {@code run} that follow it directly. */
    private int blockEnd(int run) {
        int end = run + 1;
        while (end < best.trail().runs() && cpuOf(end) == cpuOf(run)) {
            end++;
        }
        return end;
    }

    private int cpuOf(int run) {
        return explorer.exploration().lanes().cpuOf(best.trail().lane(run));
    }

    private List<int[]> moved(int run, int end, boolean forward) {
        List<int[]> runs = runsOf(best.trail());
        List<int[]> block = new ArrayList<>(runs.subList(run, end));
        int cpu = cpuOf(run);
        int to = forward ? end : run;
        if (forward) {
            while (to < runs.size() && cpuOf(to) != cpu) {
                to++;
            }
        } else {
            while (to > 0 && cpuOf(to - 1) != cpu) {
                to--;
            }
        }
        if (forward) {
            runs.addAll(to, block);
            runs.subList(run, end).clear();
        } else {
            runs.subList(run, end).clear();
            runs.addAll(to, block);
        }
        return runs;
    }

    /** Does the first steps of a run where its lane was before, and the others where it goes on. */
    private boolean splitRuns() {
        for (int run = 1; run + 1 < best.trail().runs(); run++) {
            int before = sameLane(run, -1);
            int after = sameLane(run, 1);
            int count = Math.min(best.trail().count(run), MOST_SPLITS);
            for (int first = 1; before >= 0 && after >= 0 && first < count; first++) {
                List<int[]> runs = runsOf(best.trail());
                runs.get(before)[1] += first;
                runs.get(after)[1] += runs.get(run)[1] - first;
                // What else happens to the CPU there happens later.
                List<int[]> rest = new ArrayList<>(runs.subList(run + 1, blockEnd(run)));
                runs.addAll(after + 1, rest);
                runs.subList(run, blockEnd(run)).clear();
                if (attempt(runs)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The nearest run of the same lane in this direction, with another CPU between; -1 if there is none. */
    private int sameLane(int run, int direction) {
        boolean other = false;
        for (int at = run + direction; at >= 0 && at < best.trail().runs(); at += direction) {
            other |= cpuOf(at) != cpuOf(run);
            if (other && best.trail().lane(at) == best.trail().lane(run)) {
                return at;
            }
        }
        return -1;
    }

    /** Lets a run end earlier: by halves, then by single steps. */
    private void moveEnds() {
        int run = 0;
        while (run < best.trail().runs() && triesLeft > 0) {
            boolean cutIt = false;
            for (int cut = best.trail().count(run) / 2; cut > 0 && !cutIt; cut /= 2) {
                List<int[]> runs = runsOf(best.trail());
                runs.get(run)[1] -= cut;
                cutIt = attempt(runs);
            }
            run += cutIt ? 0 : 1;
        }
    }

    private boolean attempt(List<int[]> runs) {
        triesLeft = stopped.getAsBoolean() ? 0 : triesLeft - 1;
        if (triesLeft < 0) {
            return false;
        }
        Trail candidate = new Trail();
        candidate.lot(best.trail().lot());
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
