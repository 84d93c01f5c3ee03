package kemu.litmus.axiom;

import java.util.function.IntUnaryOperator;
import kemu.litmus.path.MemoryEvent;
import kemu.litmus.path.Sym;

/**
 * Which srcu lock and unlock belong together. Since Linux 6.4 those of which the unlock is given, by data, what the
 * lock returned, be it through memory and other processes; in 6.1 the innermost open ones of a process.
 */
final class SrcuSections {
    private final Frame f;
    private final long[] values;
    private final int[] location;
    /** From each lock to its unlock. */
    final Rel sections;

    boolean unmatchedLock;
    boolean unmatchedUnlock;
    boolean matchedTwice;
    /** Whether an unlock is given another value than its lock returned. */
    boolean otherValue;

    SrcuSections(Frame frame, long[] values, int[] location, Rel rf, Rel sameLocation) {
        this.f = frame;
        this.values = values;
        this.location = location;
        boolean any = f.any(MemoryEvent.Kind.SRCU_LOCK) || f.any(MemoryEvent.Kind.SRCU_UNLOCK);
        sections = !any ? new Rel(f.size) : f.srcuAccesses ? byData(rf).and(sameLocation) : nested();
        if (any) {
            validate();
        }
    }

    private Rel byData(Rel rf) {
        long[] unlocks = f.of(MemoryEvent.Kind.SRCU_UNLOCK);
        Rel carried = f.data.minus(f.data.to(unlocks)).then(rf).star();
        return carried.then(f.data).from(f.of(MemoryEvent.Kind.SRCU_LOCK)).to(unlocks);
    }

    private Rel nested() {
        Rel pairs = new Rel(f.size);
        boolean[] closed = new boolean[f.size];
        for (int unlock = 0; unlock < f.size; unlock++) {
            if (f.events[unlock].kind() == MemoryEvent.Kind.SRCU_UNLOCK) {
                int opened = latestOpen(unlock, closed);
                if (opened >= 0) {
                    closed[opened] = true;
                    pairs.add(opened, unlock);
                }
            }
        }
        return pairs;
    }

    private int latestOpen(int unlock, boolean[] closed) {
        for (int i = unlock - 1; i >= 0 && f.process[i] == f.process[unlock]; i--) {
            boolean lock = f.events[i].kind() == MemoryEvent.Kind.SRCU_LOCK && location[i] == location[unlock];
            if (lock && !closed[i]) {
                return i;
            }
        }
        return -1;
    }

    private void validate() {
        for (int i = 0; i < f.size; i++) {
            int event = i;
            if (f.events[i].kind() == MemoryEvent.Kind.SRCU_LOCK) {
                int unlocks = count(other -> sections.has(event, other) ? 1 : 0);
                unmatchedLock |= unlocks == 0;
                matchedTwice |= unlocks > 1;
            } else if (f.events[i].kind() == MemoryEvent.Kind.SRCU_UNLOCK) {
                int locks = count(other -> sections.has(other, event) ? 1 : 0);
                unmatchedUnlock |= locks == 0;
                matchedTwice |= locks > 1;
                long given = value(f.events[i].value(), i);
                otherValue |= count(other -> sections.has(other, event) && given != returned(other) ? 1 : 0) > 0;
            }
        }
    }

    private int count(IntUnaryOperator oneOrZero) {
        int sum = 0;
        for (int other = 0; other < f.size; other++) {
            sum += oneOrZero.applyAsInt(other);
        }
        return sum;
    }

    private long returned(int lock) {
        return values[f.readBase[f.process[lock]] + f.events[lock].read()];
    }

    private long value(Sym sym, int event) {
        return sym.eval(values, f.readBase[f.process[event]]);
    }
}
