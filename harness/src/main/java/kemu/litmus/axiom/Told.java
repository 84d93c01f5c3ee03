package kemu.litmus.axiom;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** A relation that can tell, of a pair, by which named steps it holds. */
abstract class Told {
    private static final int SMALL = 24;

    final Rel rel;

    private Told(Rel rel) {
        this.rel = rel;
    }

    /** A step from one event to another. */
    record Step(int from, int to, String name) {}

    /** Tells {@code (from, to)}, a pair of {@link #rel}, as a chain of steps; empty where both are the same. */
    abstract List<Step> steps(int from, int to);

    static Told of(String name, Rel rel) {
        return new Told(rel) {
            @Override
            List<Step> steps(int from, int to) {
                return List.of(new Step(from, to, name));
            }
        };
    }

    /** Told by the first of {@code all} that has it. */
    static Told any(Told... all) {
        Rel union = all[0].rel;
        for (Told one : all) {
            union = union.or(one.rel);
        }
        return new Told(union) {
            @Override
            List<Step> steps(int from, int to) {
                return Arrays.stream(all)
                        .filter(one -> one.rel.has(from, to))
                        .findFirst()
                        .orElseThrow()
                        .steps(from, to);
            }
        };
    }

    Told then(Told next) {
        Told first = this;
        return new Told(rel.then(next.rel)) {
            @Override
            List<Step> steps(int from, int to) {
                List<Step> best = null;
                // In a large execution the first way that is found must do.
                for (int via = 0; via < rel.size() && (best == null || rel.size() <= SMALL); via++) {
                    if (first.rel.has(from, via) && next.rel.has(via, to)) {
                        List<Step> all = new ArrayList<>(first.steps(from, via));
                        all.addAll(next.steps(via, to));
                        best = best == null || all.size() < best.size() ? all : best;
                    }
                }
                return best;
            }
        };
    }

    /** Those of its pairs that {@code allowed} has. */
    Told within(Rel allowed) {
        Told all = this;
        return new Told(rel.and(allowed)) {
            @Override
            List<Step> steps(int from, int to) {
                return all.steps(from, to);
            }
        };
    }

    Told optional() {
        Told all = this;
        return new Told(rel.optional()) {
            @Override
            List<Step> steps(int from, int to) {
                return from == to ? List.of() : all.steps(from, to);
            }
        };
    }

    /** Any number of steps, told by as few as possible. */
    Told star() {
        Told one = this;
        return new Told(rel.star()) {
            @Override
            List<Step> steps(int from, int to) {
                return from == to ? List.of() : one.chain(from, to);
            }
        };
    }

    /** A shortest cycle; null if there is none. */
    List<Step> cycle() {
        Rel closed = rel.plus();
        List<Step> best = null;
        for (int i = 0; i < rel.size(); i++) {
            if (closed.has(i, i)) {
                List<Step> one = chain(i, i);
                best = best == null || one.size() < best.size() ? one : best;
            }
        }
        return best;
    }

    /** One or more steps of this from {@code from} to {@code to}, breadth first. */
    private List<Step> chain(int from, int to) {
        int[] before = new int[rel.size()];
        Arrays.fill(before, -1);
        Deque<Integer> open = new ArrayDeque<>(List.of(from));
        while (before[to] < 0) {
            int at = open.remove();
            for (int next = 0; next < rel.size(); next++) {
                if (before[next] < 0 && rel.has(at, next)) {
                    before[next] = at;
                    open.add(next);
                }
            }
        }
        List<Integer> way = new ArrayList<>(List.of(to));
        do {
            way.add(0, before[way.get(0)]);
        } while (way.get(0) != from);
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i + 1 < way.size(); i++) {
            steps.addAll(steps(way.get(i), way.get(i + 1)));
        }
        return steps;
    }
}
