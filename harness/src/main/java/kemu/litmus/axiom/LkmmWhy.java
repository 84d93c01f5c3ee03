package kemu.litmus.axiom;

import java.util.List;
import kemu.litmus.path.MemoryEvent;

/**
 * The relations of {@link Lkmm} once more, so that every pair can be told step by step. Tests hold that it forbids what
 * {@link Lkmm} forbids.
 */
final class LkmmWhy {
    private final Candidate c;
    private final Frame f;
    private final boolean newest;
    private final LkmmFences fences;
    private final Rel all;
    private final Rel marked;

    LkmmWhy(Candidate c, boolean newest) {
        this.c = c;
        this.f = c.frame;
        this.newest = newest;
        this.fences = f.fences();
        Rel none = new Rel(f.size);
        all = none.complement();
        marked = all.within(f.marked);
    }

    /** The axiom that forbids the execution; null if none does. */
    Axioms.Forbidden forbids(Rel co, Rel fr) {
        Told rfe = Told.of("rfe", c.rfe);
        Told rfi = Told.of("rfi", c.rfi);
        Told carried = newest ? Told.of("data", carrying()).then(rfi).star() : identity();
        Told addr = carried.then(Told.of("addr", f.addr));
        Told data = carried.then(Told.of("data", f.data));
        Told ctrl = carried.then(Told.of("ctrl", f.ctrl));
        Rel unlockLock = f.po.to(f.unlock).then(f.po.or(c.rf)).to(f.lockRead).then(f.po);
        Told handedOver = Told.of("po-unlock-lock-po", unlockLock);
        Told strong = strong(newest ? fences.strongAfter(unlockLock) : fences.strong(co));
        Told release = Told.of("po-rel", fences.release);
        Told wmb = Told.of("wmb", fences.wmb);
        Told fence = Told.any(
                wmb,
                Told.of("rmb", fences.rmb),
                release,
                Told.of("acq-po", fences.acquire),
                strong(fences.strong(new Rel(f.size))));
        Told dep = Told.any(data, addr);
        Told preserved = Told.any(
                Told.any(data, addr, ctrl).within(all.to(f.writing)),
                addr.within(all.to(f.plain)).then(wmb),
                addr.within(all.to(f.reading)),
                dep.within(all.to(f.marked)).then(rfi),
                fence,
                handedOver.within(f.internal));
        Rel external = all.minus(f.internal);
        Told overwrite = Told.any(Told.of("coe", co.and(external)), Told.of("fre", fr.and(external)));
        Told observed = rfe.within(all.to(f.marked)).optional();
        Told sequence = newest
                ? Told.of("rf", c.rf).then(Told.of("rmw", f.readModifyWrites())).star()
                : identity();
        Told cumulFence = Told.any(observed.then(Told.any(strong, release)), wmb, handedOver)
                .within(marked)
                .then(sequence);
        Told prop = overwrite
                .optional()
                .within(all.from(f.marked))
                .then(cumulFence.star())
                .within(all.to(f.marked))
                .then(rfe.optional())
                .within(all.to(f.marked));
        Told hb = Told.any(
                        rfe,
                        preserved,
                        strong.within(f.internal),
                        Told.of("coi", co.and(f.internal)),
                        Told.of("fri", fr.and(f.internal)),
                        prop.within(f.internal.minus(identity().rel)))
                .within(marked);
        List<Told.Step> cycle = hb.cycle();
        if (cycle != null) {
            return new Axioms.Forbidden("happens-before", cycle);
        }
        Told pb = prop.then(strong).then(hb.star()).within(all.to(f.marked));
        cycle = pb.cycle();
        if (cycle != null) {
            return new Axioms.Forbidden("propagation", cycle);
        }
        cycle = GracePeriods.any(f) ? rcu(prop, hb, pb) : null;
        if (cycle != null) {
            return new Axioms.Forbidden("rcu", cycle);
        }
        Told plain = new Lkmm(newest).incoherent(c, co, fr);
        cycle = plain == null ? null : Axioms.Forbidden.reflexive(plain);
        return cycle == null ? null : new Axioms.Forbidden("plain-coherence", cycle);
    }

    private Told identity() {
        return Told.of("", new Rel(f.size)).optional();
    }

    private Rel carrying() {
        return f.data.minus(f.data.to(f.of(MemoryEvent.Kind.SRCU_UNLOCK)));
    }

    private Told strong(Rel rel) {
        return Told.any(Told.of("gp", rel.and(fences.gracePeriods)), Told.of("mb", rel));
    }

    private List<Told.Step> rcu(Told prop, Told hb, Told pb) {
        Told after = hb.star().then(pb.star());
        Rel link = f.po.optional().then(after.rel).then(prop.rel).then(f.po);
        Rel order = f.po.then(GracePeriods.order(c, link)).then(f.po.optional());
        Told rb = prop.then(Told.of("rcu-fence", order)).then(after).within(all.to(f.marked));
        return Axioms.Forbidden.reflexive(rb);
    }
}
