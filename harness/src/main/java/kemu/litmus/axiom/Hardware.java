package kemu.litmus.axiom;

import java.util.List;
import kemu.litmus.path.MemoryEvent;

/**
 * Machines with one order in which stores reach everybody, given by the pairs of accesses of a process that they keep
 * in order. RCU obeys its law over that order.
 */
final class Hardware implements Axioms {
    /** Which machine. */
    enum Kind {
        /** Everything in program order. */
        SC,
        /** x86: a store may be delayed past later loads, unless a barrier or a locked instruction lies between. */
        TSO,
        /** In the manner of ARMv8: only dependencies, barriers, acquire and release order. */
        WEAK
    }

    private final Kind kind;

    Hardware(Kind kind) {
        this.kind = kind;
    }

    @Override
    public Check check(Candidate c) {
        Rel kept = kept(c).within(c.frame.accesses);
        Rel rf = kind == Kind.SC ? c.rf : c.rfe;
        if (!kept.or(rf).isAcyclic()) {
            return null;
        }
        return (co, fr, flags) -> allows(c, kept.or(rf), co, fr);
    }

    @Override
    public Rel always(Frame f) {
        return kept(f, new Rel(f.size), new Rel(f.size)).within(f.accesses);
    }

    @Override
    public boolean ordersSource(Frame f, int write, int read) {
        return kind == Kind.SC || f.process[write] != f.process[read];
    }

    @Override
    public boolean ordersOverwrites() {
        return true;
    }

    @Override
    public boolean thinAir() {
        return false;
    }

    @Override
    public boolean srcuAccesses() {
        return true;
    }

    @Override
    public Rel inTime(Candidate c, Rel co, Rel fr) {
        Rel kept = kept(c).within(c.frame.accesses);
        return order(c.frame, kept.or(kind == Kind.SC ? c.rf : c.rfe), co, fr);
    }

    @Override
    public Forbidden forbids(Candidate c, Rel co, Rel fr) {
        Frame f = c.frame;
        boolean external = kind == Kind.WEAK;
        LkmmFences fences = f.fences();
        Rel kept = kept(c).within(f.accesses);
        Told order = Told.any(
                Told.of("rf", kind == Kind.SC ? c.rf : c.rfe),
                Told.of("co", external ? co.minus(f.internal) : co),
                Told.of("fr", external ? fr.minus(f.internal) : fr),
                Told.of("addr", f.addr.and(kept)),
                Told.of("data", f.data.and(kept)),
                Told.of("ctrl", f.ctrl.and(kept)),
                Told.of("wmb", fences.wmb.and(kept)),
                Told.of("rmb", fences.rmb.and(kept)),
                Told.of("po-rel", fences.release.and(kept)),
                Told.of("acq-po", fences.acquire.and(kept)),
                Told.of("gp", fences.gracePeriods.and(kept)),
                Told.of("mb", fences.strong(new Rel(f.size)).and(kept)),
                Told.of(kind == Kind.SC ? "po" : "ppo", kept));
        List<Told.Step> cycle = order.cycle();
        if (cycle != null) {
            return new Forbidden(kind == Kind.SC ? "sequential consistency" : "one order of propagation", cycle);
        }
        if (GracePeriods.any(f)) {
            Rel any = order.rel.star();
            Rel link = f.po.optional().then(any).then(f.po);
            Rel fence = f.po.then(GracePeriods.order(c, link)).then(f.po.optional());
            Told ordered = Told.of("rcu-fence", fence).then(order.star());
            cycle = Forbidden.reflexive(ordered);
        }
        return cycle == null ? null : new Forbidden("rcu", cycle);
    }

    private Rel order(Frame f, Rel kept, Rel co, Rel fr) {
        boolean external = kind == Kind.WEAK;
        return kept.or(external ? co.minus(f.internal) : co).or(external ? fr.minus(f.internal) : fr);
    }

    private boolean allows(Candidate c, Rel kept, Rel co, Rel fr) {
        Frame f = c.frame;
        Rel order = order(f, kept, co, fr).plus();
        if (!order.isIrreflexive()) {
            return false;
        }
        if (!GracePeriods.any(f)) {
            return true;
        }
        Rel any = order.optional();
        Rel link = f.po.optional().then(any).then(f.po);
        Rel fence = f.po.then(GracePeriods.order(c, link)).then(f.po.optional());
        return fence.then(any).isIrreflexive();
    }

    private Rel kept(Candidate c) {
        return kept(c.frame, c.rfi, c.frame.po.and(c.sameLocation).within(c.frame.writing));
    }

    private Rel kept(Frame f, Rel rfi, Rel coi) {
        Rel po = f.po.within(f.accesses);
        if (kind == Kind.SC) {
            return po;
        }
        Rel full = f.fences().strong(new Rel(f.size));
        Rel locked = pairs(f);
        return kind == Kind.TSO ? tso(f, po, full, locked) : weak(f, rfi, coi, po, full, locked);
    }

    /** Both halves of read-modify-writes that succeeded, related to themselves and to each other. */
    private static Rel pairs(Frame f) {
        Rel rmw = new Rel(f.size);
        for (int i = 0; i < f.size; i++) {
            if (f.partner[i] >= 0) {
                rmw.add(i, i);
                rmw.add(i, f.partner[i]);
            }
        }
        return rmw;
    }

    private static Rel tso(Frame f, Rel po, Rel full, Rel locked) {
        Rel delayed = po.from(f.writing).to(f.reading);
        return po.minus(delayed)
                .or(full)
                .or(po.then(locked))
                .or(locked.then(po))
                .and(f.po);
    }

    private static Rel weak(Frame f, Rel rfi, Rel coi, Rel po, Rel full, Rel locked) {
        Rel dep = f.addr.or(f.data);
        Rel kept = dep.or(f.ctrl.to(f.writing))
                .or(f.addr.then(po).to(f.writing))
                .or(dep.then(rfi))
                .or(locked.and(f.po));
        Rel atomicWrites = new Rel(f.size);
        for (int i = 0; i < f.size; i++) {
            if (f.partner[i] >= 0 && f.writes(i)) {
                atomicWrites.add(i, i);
            }
        }
        // What is kept before a store is kept before the later ones of its process to the same location.
        Rel overwritten = kept.or(po.to(f.release)).then(coi);
        return kept.or(overwritten)
                .or(atomicWrites.then(rfi).to(f.acquire))
                .or(full)
                .or(f.fence(MemoryEvent.Kind.RMB).from(f.reading))
                .or(f.fence(MemoryEvent.Kind.WMB).within(f.writing))
                .or(po.from(f.acquire))
                .or(po.to(f.release))
                .or(po.from(f.unlock).to(f.lockRead));
    }
}
