package kemu.litmus.axiom;

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
    final SrcuSections srcu;
    /** Whether some value explains itself: any other would do as well. */
    final boolean thinAir;

    Candidate(Frame frame, long[] values, int[] source, int[] location, boolean thinAir) {
        this.frame = frame;
        this.thinAir = thinAir;
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
        srcu = new SrcuSections(frame, values, location, rf, sameLocation);
    }

    /** What the symbolic {@code sym} of {@code event} stands for. */
    long value(Sym sym, int event) {
        return sym.eval(values, frame.readBase[frame.process[event]]);
    }
}
