package kemu.litmus.axiom;

import java.util.Arrays;
import java.util.function.Consumer;
import kemu.litmus.path.MemoryEvent;
import kemu.litmus.path.Path;
import kemu.litmus.path.SharedMemory;
import kemu.litmus.path.Sym;

/**
 * Chooses what every read of a frame reads from, a read at a time, computing values as far as they are known and
 * leaving as soon as a condition of a way fails. Values that can only be explained by themselves (out of thin air) are
 * tried where the axioms do not exclude them: those that the test speaks of, and one that it does not.
 */
final class Sources {
    private static final int OPEN = -2;
    private static final int INITIAL = -1;

    private final Frame f;
    private final Axioms axioms;
    private final SharedMemory scene;
    private final Budget budget;
    private final Consumer<Candidate> next;
    private final long[] values;
    /** By event. */
    private final int[] source;

    /** Passes every complete choice to {@code next}. */
    Sources(Frame f, Axioms axioms, SharedMemory scene, Budget budget, Consumer<Candidate> next) {
        this.f = f;
        this.axioms = axioms;
        this.scene = scene;
        this.budget = budget;
        this.next = next;
        values = new long[f.reads];
        Arrays.fill(values, Sym.UNKNOWN);
        source = new int[f.size];
        for (int i = 0; i < f.size; i++) {
            source[i] = f.reads(i) ? OPEN : INITIAL;
            if (f.events[i].kind() == MemoryEvent.Kind.SRCU_LOCK && !f.reads(i)) {
                values[f.readBase[f.process[i]] + f.events[i].read()] = f.cookie(i);
            }
        }
    }

    void run() {
        if (propagate() && guardsHold()) {
            assign(Pruner.of(f, axioms, locations()));
        }
    }

    private int[] locations() {
        int[] at = new int[f.size];
        for (int i = 0; i < f.size; i++) {
            at[i] = f.reads(i) || f.writes(i) ? at(i) : Candidate.UNKNOWN;
        }
        return at;
    }

    private void assign(Pruner pruner) {
        budget.source(f.reads, f.size);
        int read = nextRead();
        if (read < 0 || read == f.size) {
            int guessed = axioms.thinAir() ? selfExplained() : -1;
            if (guessed >= 0) {
                guess(guessed, pruner);
            } else if (read < 0) {
                complete();
            }
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
            if (f.writes(write) && mayFeed(write, read, location)) {
                Pruner next = at[write] == location ? pruner.choose(read, write, at, source) : pruner;
                attempt(read, number, write, eval(f.events[write].value(), write), next);
            }
        }
    }

    /**
     * Of the open reads whose address is known, one of a lock, else the one with the fewest sources, so that dead ends
     * show early; -1 if no read is open, {@code f.size} if the address of none is known.
     */
    private int nextRead() {
        int best = -1;
        int fewest = Integer.MAX_VALUE;
        for (int read : f.readEvent) {
            if (source[read] == OPEN) {
                best = best < 0 ? f.size : best;
                if (eval(f.events[read].address(), read) == Sym.UNKNOWN) {
                    continue;
                }
                boolean lock = f.events[read].has(MemoryEvent.LOCK_READ);
                int count = lock ? 0 : choices(read, best == f.size ? Integer.MAX_VALUE : fewest);
                if (count < fewest || count == fewest && urgency(read) > urgency(best)) {
                    best = read;
                    fewest = count;
                }
            }
        }
        return best;
    }

    /** Number of sources that {@code read} may have, counted as far as {@code enough}. */
    private int choices(int read, int enough) {
        int location = scene.reach(eval(f.events[read].address(), read));
        long forced = values[f.readBase[f.process[read]] + f.events[read].read()];
        int count = fits(scene.initial(Math.max(0, location)), forced) && !hiddenInitial(read, location) ? 1 : 0;
        for (int write = 0; write < f.size && count <= enough; write++) {
            if (f.writes(write)
                    && mayFeed(write, read, location)
                    && fits(eval(f.events[write].value(), write), forced)) {
                count++;
            }
        }
        return count;
    }

    private static boolean fits(long value, long forced) {
        return value == forced || value == Sym.UNKNOWN || forced == Sym.UNKNOWN;
    }

    private int urgency(int read) {
        if (read == f.size) {
            return 0;
        }
        MemoryEvent event = f.events[read];
        return event.has(MemoryEvent.LOCK_READ)
                ? 4
                : event.has(MemoryEvent.ACQUIRE) ? 3 : event.has(MemoryEvent.PLAIN) ? 1 : 2;
    }

    private void attempt(int read, int number, int from, long value, Pruner pruner) {
        long forced = values[number];
        if (pruner == null
                || !fits(value, forced)
                || value == Sym.UNKNOWN && !axioms.thinAir() && explainsItself(read, from, 0)) {
            return;
        }
        long[] before = values.clone();
        source[read] = from;
        values[number] = forced == Sym.UNKNOWN ? value : forced;
        if (propagate() && guardsHold()) {
            assign(pruner);
        }
        source[read] = OPEN;
        System.arraycopy(before, 0, values, 0, values.length);
    }

    /** Number of a read with a source whose value, not known yet, comes from the read itself; -1 if there is none. */
    private int selfExplained() {
        for (int number = 0; number < values.length; number++) {
            int read = f.readEvent[number];
            if (values[number] == Sym.UNKNOWN && source[read] >= 0 && explainsItself(read, source[read], 0)) {
                return number;
            }
        }
        return -1;
    }

    /** Nothing decides about the value of the read with this number: those that the test speaks of are tried. */
    private void guess(int number, Pruner pruner) {
        long[] before = values.clone();
        for (long value : scene.spokenOf()) {
            budget.source(f.reads, f.size);
            values[number] = value;
            if (propagate() && guardsHold()) {
                assign(pruner);
            }
            System.arraycopy(before, 0, values, 0, values.length);
        }
    }

    /** Whether the value of {@code write}, not known yet, is computed from what {@code read} returns. */
    private boolean explainsItself(int read, int write, int depth) {
        long needed = f.events[write].value().reads();
        int base = f.readBase[f.process[write]];
        for (long left = needed; left != 0; left &= left - 1) {
            int number = base + Long.numberOfTrailingZeros(left);
            int other = f.readEvent[number];
            if (values[number] != Sym.UNKNOWN) {
                continue;
            }
            if (other == read
                    || source[other] >= 0 && depth < f.reads && explainsItself(read, source[other], depth + 1)) {
                return true;
            }
        }
        return false;
    }

    /** Computes what follows from what is known; false if it contradicts itself. */
    private boolean propagate() {
        boolean changed = true;
        while (changed) {
            changed = force();
            for (int number = 0; number < values.length; number++) {
                int write = source[f.readEvent[number]];
                if (write >= 0) {
                    long value = eval(f.events[write].value(), write);
                    if (value != Sym.UNKNOWN && values[number] != Sym.UNKNOWN && value != values[number]) {
                        return false;
                    }
                    if (value != Sym.UNKNOWN && values[number] == Sym.UNKNOWN) {
                        values[number] = value;
                        changed = true;
                    }
                }
            }
        }
        return true;
    }

    /** Takes the values of reads from the conditions under which their processes go this way. */
    private boolean force() {
        boolean changed = false;
        for (int p = 0; p < f.paths.size(); p++) {
            for (Path.Guard guard : f.paths.get(p).guards()) {
                int read = guard.value().forcedRead(guard.nonzero(), values, f.readBase[p]);
                if (read >= 0) {
                    values[f.readBase[p] + read] = guard.value().forcedValue(values, f.readBase[p]);
                    changed = true;
                }
            }
        }
        return changed;
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
        if (!axioms.coherent()) {
            return false;
        }
        for (int i = read - 1; i >= 0 && f.process[i] == f.process[read]; i--) {
            if (f.writes(i) && at(i) == location) {
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
        if (!axioms.coherent()) {
            return true;
        }
        if (f.process[write] == f.process[read]) {
            if (write > read) {
                return false;
            }
            for (int i = write + 1; i < read; i++) {
                if (f.writes(i) && at(i) == location) {
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
        boolean explained = explained();
        if (!explained && (!axioms.thinAir() || !consistent())) {
            return;
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
        budget.spend((long) f.size * f.size / 8);
        next.accept(new Candidate(f, values.clone(), source.clone(), location, !explained));
    }

    /** Whether every read has the value that its source writes. */
    private boolean consistent() {
        for (int number = 0; number < values.length; number++) {
            int write = source[f.readEvent[number]];
            if (write >= 0 && eval(f.events[write].value(), write) != values[number]) {
                return false;
            }
        }
        return true;
    }

    /** Whether the sources alone give every read the value it has: a condition that forces one does not explain it. */
    private boolean explained() {
        long[] told = new long[values.length];
        for (int number = 0; number < told.length; number++) {
            told[number] = f.reads(f.readEvent[number]) ? Sym.UNKNOWN : values[number];
        }
        boolean changed = true;
        while (changed) {
            changed = false;
            for (int number = 0; number < told.length; number++) {
                if (told[number] != Sym.UNKNOWN) {
                    continue;
                }
                int read = f.readEvent[number];
                int write = source[read];
                told[number] = write < 0
                        ? scene.initial(at(read))
                        : f.events[write].value().eval(told, f.readBase[f.process[write]]);
                changed |= told[number] != Sym.UNKNOWN;
                if (told[number] != Sym.UNKNOWN && told[number] != values[number]) {
                    return false;
                }
            }
        }
        for (long value : told) {
            if (value == Sym.UNKNOWN) {
                return false;
            }
        }
        return true;
    }
}
