package kemu.litmus.axiom;

import java.util.Arrays;
import java.util.function.Consumer;
import kemu.litmus.path.Event;
import kemu.litmus.path.Path;
import kemu.litmus.path.Scene;
import kemu.litmus.path.Sym;

/**
 * Chooses what every read of a frame reads from, a read at a time, computing values as far as they are known and
 * leaving as soon as a condition of a way fails. An execution whose values can only be explained by themselves (out of
 * thin air) is no execution.
 */
final class Sources {
    private static final int OPEN = -2;
    private static final int INITIAL = -1;

    private final Frame f;
    private final Axioms axioms;
    private final Scene scene;
    private final Budget budget;
    private final Consumer<Candidate> next;
    private final long[] values;
    /** By event. */
    private final int[] source;

    /** Passes every complete choice to {@code next}. */
    Sources(Frame f, Axioms axioms, Scene scene, Budget budget, Consumer<Candidate> next) {
        this.f = f;
        this.axioms = axioms;
        this.scene = scene;
        this.budget = budget;
        this.next = next;
        values = new long[f.reads];
        Arrays.fill(values, Sym.UNKNOWN);
        source = new int[f.size];
        for (int i = 0; i < f.size; i++) {
            source[i] = f.events[i].kind() == Event.Kind.READ ? OPEN : INITIAL;
        }
    }

    void run() {
        if (guardsHold()) {
            assign(Pruner.of(f, axioms, locations()));
        }
    }

    private int[] locations() {
        int[] at = new int[f.size];
        for (int i = 0; i < f.size; i++) {
            at[i] = f.events[i].isAccess() ? at(i) : Candidate.UNKNOWN;
        }
        return at;
    }

    private void assign(Pruner pruner) {
        budget.step();
        int read = nextRead();
        if (read < 0) {
            complete();
            return;
        }
        if (read == f.size) {
            return;
        }
        int location = scene.reach(eval(f.events[read].address(), read));
        if (location < 0) {
            return;
        }
        int number = f.readBase[f.process[read]] + f.events[read].read();
        int[] at = locations();
        if (!hiddenInitial(read, location)) {
            attempt(read, number, INITIAL, scene.initial(location), pruner.choose(read, INITIAL, at, source));
        }
        for (int write = 0; write < f.size; write++) {
            if (f.events[write].kind() == Event.Kind.WRITE && mayFeed(write, read, location)) {
                Pruner next = at[write] == location ? pruner.choose(read, write, at, source) : pruner;
                attempt(read, number, write, eval(f.events[write].value(), write), next);
            }
        }
    }

    /**
     * An open read whose address is known, of a lock if possible; -1 if no read is open, {@code f.size} if the address
     * of none is known.
     */
    private int nextRead() {
        int best = -1;
        for (int read : f.readEvent) {
            if (source[read] == OPEN) {
                best = best < 0 ? f.size : best;
                if (eval(f.events[read].address(), read) != Sym.UNKNOWN && urgency(read) > urgency(best)) {
                    best = read;
                }
            }
        }
        return best;
    }

    private int urgency(int read) {
        if (read == f.size) {
            return 0;
        }
        Event event = f.events[read];
        return event.has(Event.LOCK_READ) ? 4 : event.has(Event.ACQUIRE) ? 3 : event.has(Event.PLAIN) ? 1 : 2;
    }

    private void attempt(int read, int number, int from, long value, Pruner pruner) {
        if (pruner == null) {
            return;
        }
        long[] before = values.clone();
        source[read] = from;
        values[number] = value;
        propagate();
        if (guardsHold()) {
            assign(pruner);
        }
        source[read] = OPEN;
        System.arraycopy(before, 0, values, 0, values.length);
    }

    private void propagate() {
        boolean changed = true;
        while (changed) {
            changed = false;
            for (int number = 0; number < values.length; number++) {
                int write = source[f.readEvent[number]];
                if (values[number] == Sym.UNKNOWN && write >= 0) {
                    values[number] = eval(f.events[write].value(), write);
                    changed |= values[number] != Sym.UNKNOWN;
                }
            }
        }
    }

    private boolean guardsHold() {
        for (int p = 0; p < f.paths.size(); p++) {
            for (Path.Guard guard : f.paths.get(p).guards()) {
                long value = guard.value().eval(values, f.readBase[p]);
                if (value != Sym.UNKNOWN && (value != 0) != guard.nonzero()) {
                    return false;
                }
            }
        }
        return true;
    }

    /** A write before it in its process hides the initial value. */
    private boolean hiddenInitial(int read, int location) {
        for (int i = read - 1; i >= 0 && f.process[i] == f.process[read]; i--) {
            if (f.events[i].kind() == Event.Kind.WRITE && at(i) == location) {
                return true;
            }
        }
        return f.partner[read] >= 0 && atomicElsewhere(read, INITIAL, location);
    }

    private boolean mayFeed(int write, int read, int location) {
        int at = at(write);
        if (at != location && at != Candidate.UNKNOWN) {
            return false;
        }
        if (f.process[write] == f.process[read]) {
            if (write > read) {
                return false;
            }
            for (int i = write + 1; i < read; i++) {
                if (f.events[i].kind() == Event.Kind.WRITE && at(i) == location) {
                    return false;
                }
            }
        }
        return f.partner[read] < 0 || !atomicElsewhere(read, write, location);
    }

    /** Two read-modify-writes of a location cannot both come right after the same write. */
    private boolean atomicElsewhere(int read, int from, int location) {
        for (int other : f.readEvent) {
            if (other != read && f.partner[other] >= 0 && source[other] == from && at(other) == location) {
                return true;
            }
        }
        return false;
    }

    private int at(int event) {
        long address = eval(f.events[event].address(), event);
        return address == Sym.UNKNOWN ? Candidate.UNKNOWN : scene.reach(address);
    }

    private long eval(Sym sym, int event) {
        return sym.eval(values, f.readBase[f.process[event]]);
    }

    private void complete() {
        for (long value : values) {
            if (value == Sym.UNKNOWN) {
                return;
            }
        }
        int[] location = new int[f.size];
        for (int i = 0; i < f.size; i++) {
            location[i] = f.events[i].address() == null ? -1 : at(i);
            if (f.events[i].address() != null && location[i] < 0) {
                return;
            }
        }
        for (int read : f.readEvent) {
            if (source[read] >= 0 && location[source[read]] != location[read]) {
                return;
            }
        }
        next.accept(new Candidate(f, values.clone(), source.clone(), location));
    }
}
