package kemu.litmus.axiom;

import kemu.litmus.path.Cookies;
import kemu.litmus.path.Event;
import kemu.litmus.path.Sym;

/** A frame with a source for every read: values and locations are known; the orders of the writes are not yet. */
final class Candidate {
    /** Location of an access whose address is not yet known. */
    static final int UNKNOWN = -3;

    final Frame frame;
    /** Value of every read. */
    final long[] values;
    /** Write that each event reads from; -1 for the initial value, or if it does not read. */
    final int[] source;
    /** Location of each event; -1 for fences. */
    final int[] location;

    final Rel rf;
    final Rel rfe;
    final Rel rfi;
    final Rel sameLocation;
    /** From srcu_read_lock to its srcu_read_unlock. */
    final Rel srcuSections;

    boolean unbalancedSrcu;
    /** Whether an SRCU reader ends with the cookie of another. */
    boolean badNesting;

    Candidate(Frame frame, long[] values, int[] source, int[] location) {
        this.frame = frame;
        this.values = values;
        this.source = source;
        this.location = location;
        rf = new Rel(frame.size);
        sameLocation = new Rel(frame.size);
        for (int i = 0; i < frame.size; i++) {
            if (source[i] >= 0) {
                rf.add(source[i], i);
            }
            for (int j = 0; j < frame.size; j++) {
                if (location[i] >= 0 && location[i] == location[j]) {
                    sameLocation.add(i, j);
                }
            }
        }
        rfi = rf.and(frame.internal);
        rfe = rf.minus(frame.internal);
        srcuSections = new Rel(frame.size);
        if (frame.any(Event.Kind.SRCU_LOCK) || frame.any(Event.Kind.SRCU_UNLOCK)) {
            matchSrcu();
        }
    }

    /** What the symbolic {@code sym} of {@code event} stands for. */
    long value(Sym sym, int event) {
        return sym.eval(values, frame.readBase[frame.process[event]]);
    }

    private void matchSrcu() {
        boolean[] closed = new boolean[frame.size];
        for (int i = 0; i < frame.size; i++) {
            if (frame.events[i].kind() == Event.Kind.SRCU_UNLOCK) {
                int opened = opening(i, closed);
                if (opened < 0) {
                    unbalancedSrcu = true;
                } else {
                    closed[opened] = true;
                    srcuSections.add(opened, i);
                    badNesting |= value(frame.events[i].value(), i) != cookie(opened);
                }
            }
        }
        for (int i = 0; i < frame.size; i++) {
            unbalancedSrcu |= frame.events[i].kind() == Event.Kind.SRCU_LOCK && !closed[i];
        }
    }

    /**
     * The lock that {@code unlock} ends: the latest open one of the process, as in Linux 6.1; of a reader that may be
     * passed on, the one whose cookie is handed back.
     */
    private int opening(int unlock, boolean[] closed) {
        Event ending = frame.events[unlock];
        boolean passedOn = ending.has(Event.PASSED_ON);
        int latest = -1;
        for (int i = 0; i < frame.size; i++) {
            Event e = frame.events[i];
            boolean fits = e.kind() == Event.Kind.SRCU_LOCK && location[i] == location[unlock] && !closed[i];
            if (!fits || e.has(Event.PASSED_ON) != passedOn) {
                continue;
            }
            if (passedOn && value(ending.value(), unlock) == cookie(i)) {
                return i;
            }
            latest = !passedOn && frame.process[i] == frame.process[unlock] && i < unlock ? i : latest;
        }
        return latest;
    }

    private long cookie(int lock) {
        return Cookies.of(frame.process[lock], indexInProcess(lock));
    }

    private int indexInProcess(int event) {
        int first = event;
        while (first > 0 && frame.process[first - 1] == frame.process[event]) {
            first--;
        }
        return event - first;
    }
}
