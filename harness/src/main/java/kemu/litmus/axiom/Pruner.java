package kemu.litmus.axiom;

import kemu.litmus.path.MemoryEvent;

/**
 * Says early that a source of a read leads nowhere: it would close a cycle of orderings that hold whatever else is
 * chosen, break the coherence of a location, or contradict what release and acquire make visible. Never refuses what
 * the axioms would allow. Immutable: a choice yields the next pruner.
 */
final class Pruner {
    private final Frame f;
    private final Axioms axioms;
    /** Orderings that hold between events, closed. */
    private final Rel order;
    /** Orderings within each location, closed. */
    private final Rel coherence;

    private Pruner(Frame f, Axioms axioms, Rel order, Rel coherence) {
        this.f = f;
        this.axioms = axioms;
        this.order = order;
        this.coherence = coherence;
    }

    static Pruner of(Frame f, Axioms axioms, int[] knownLocation) {
        Rel coherence = new Rel(f.size);
        for (int i = 0; i < f.size; i++) {
            for (int j = i + 1; j < f.size; j++) {
                if (f.po.has(i, j) && knownLocation[i] >= 0 && knownLocation[i] == knownLocation[j]) {
                    if (!f.reads(i) || !f.reads(j)) {
                        coherence.add(i, j);
                    }
                }
            }
        }
        return new Pruner(f, axioms, axioms.always(f).plus(), coherence.plus());
    }

    /**
     * The state after {@code read} takes its value from {@code write} (-1: the initial one), or null if nothing can
     * come of it.
     *
     * @param at location of each event as far as known, negative if not
     * @param source of each event so far
     */
    Pruner choose(int read, int write, int[] at, int[] source) {
        if (!axioms.coherent()) {
            return this;
        }
        Rel ordered = order;
        Rel coherent = coherence;
        if (write >= 0) {
            if (order.has(read, write) || coherence.has(read, write)) {
                return null;
            }
            coherent = coherent.with(write, read);
            if (axioms.ordersSource(f, write, read)) {
                ordered = ordered.with(write, read);
            }
        }
        for (int other = 0; other < f.size; other++) {
            if (other == write || at[other] != at[read] || !f.writes(other)) {
                continue;
            }
            boolean later = write < 0 || coherent.has(write, other) || f.partner[read] == other;
            boolean earlier = coherent.has(other, read);
            if (later && earlier) {
                return null;
            }
            if (later && f.process[other] != f.process[read]) {
                if (axioms.ordersOverwrites() && ordered.has(other, read)) {
                    return null;
                }
                ordered = axioms.ordersOverwrites() ? ordered.with(read, other) : ordered;
                coherent = coherent.with(read, other);
            } else if (earlier) {
                coherent = coherent.with(other, write);
            }
        }
        boolean seen = axioms.ordersOverwrites() || !hiddenByRelease(read, write, at, source);
        return seen ? new Pruner(f, axioms, ordered, coherent) : null;
    }

    /** Whether a write that overwrites {@code write} is visible to {@code read} by release and acquire. */
    private boolean hiddenByRelease(int read, int write, int[] at, int[] source) {
        for (int other = 0; other < f.size; other++) {
            if (other != write
                    && at[other] == at[read]
                    && f.writes(other)
                    && f.process[other] != f.process[read]
                    && (write < 0
                            || f.process[write] != f.process[other] && reaches(write, other, source)
                            || write >= 0 && f.po.has(write, other))
                    && reaches(other, read, source)) {
                return true;
            }
        }
        return false;
    }

    /** From a write through a release, sources and further releases, to an acquire before {@code to}. */
    private boolean reaches(int from, int to, int[] source) {
        boolean[] published = new boolean[f.size];
        for (int i = from + 1; i < f.size && f.process[i] == f.process[from]; i++) {
            published[i] = Rel.in(f.release, i);
        }
        boolean changed = true;
        while (changed) {
            changed = false;
            for (int read : f.readEvent) {
                int write = source[read];
                if (write >= 0
                        && published[write]
                        && f.process[write] != f.process[read]
                        && !f.events[read].has(MemoryEvent.PLAIN)) {
                    if (Rel.in(f.acquire, read) && f.po.has(read, to)) {
                        return true;
                    }
                    for (int i = read + 1; i < f.size && f.process[i] == f.process[read]; i++) {
                        if (Rel.in(f.release, i) && !published[i]) {
                            published[i] = true;
                            changed = true;
                        }
                    }
                }
            }
        }
        return false;
    }
}
