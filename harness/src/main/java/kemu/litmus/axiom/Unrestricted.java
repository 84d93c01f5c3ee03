package kemu.litmus.axiom;

import java.util.List;
import java.util.Set;

/** Allows every coherent execution, or every execution at all: to find those that a model forbids. */
final class Unrestricted implements Axioms {
    private final Axioms model;
    private final boolean coherent;

    /** {@code model} says what srcu operations are. */
    Unrestricted(Axioms model, boolean coherent) {
        this.model = model;
        this.coherent = coherent;
    }

    @Override
    public Check check(Candidate candidate) {
        return (Rel co, Rel fr, Set<String> flags) -> true;
    }

    @Override
    public Rel always(Frame frame) {
        return new Rel(frame.size);
    }

    @Override
    public boolean ordersSource(Frame frame, int write, int read) {
        return false;
    }

    @Override
    public boolean ordersOverwrites() {
        return true;
    }

    @Override
    public boolean coherent() {
        return coherent;
    }

    @Override
    public boolean thinAir() {
        return true;
    }

    @Override
    public boolean srcuAccesses() {
        return model.srcuAccesses();
    }

    @Override
    public Rel inTime(Candidate candidate, Rel co, Rel fr) {
        throw new UnsupportedOperationException("no order of time");
    }

    @Override
    public Forbidden forbids(Candidate c, Rel co, Rel fr) {
        if (coherent) {
            return model.forbids(c, co, fr);
        }
        Frame f = c.frame;
        Told com = Told.any(
                Told.of("po-loc", f.po.and(c.sameLocation).within(f.accesses)),
                Told.of("rf", c.rf),
                Told.of("co", co),
                Told.of("fr", fr));
        List<Told.Step> cycle = com.cycle();
        if (cycle != null) {
            return new Forbidden("coherence", cycle);
        }
        Rel between = fr.minus(f.internal).then(co.minus(f.internal));
        Told atomic = Told.of("fre", fr.minus(f.internal))
                .then(Told.of("coe", co.minus(f.internal)))
                .within(f.readModifyWrites())
                .then(Told.of("rmw, inverse", f.readModifyWrites().inverse()));
        for (int i = 0; i < f.size; i++) {
            if (f.partner[i] > i && between.has(i, f.partner[i])) {
                return new Forbidden("atomic", atomic.steps(i, i));
            }
        }
        return null;
    }
}
