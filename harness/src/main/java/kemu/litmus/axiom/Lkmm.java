package kemu.litmus.axiom;

import java.util.LinkedHashSet;
import java.util.Set;
import kemu.litmus.path.MemoryEvent;

/**
 * The Linux kernel memory model: happens-before, propagation, RCU, and the rules for plain accesses; it may show load
 * buffering. Of the newest kernel, or as of Linux 6.1. What came in between: dependencies carried through memory,
 * sequences of read-modify-writes in release order (both 6.3), srcu operations as accesses of their srcu_struct, and
 * smp_mb__after_unlock_lock for the unlock that was read from only (6.4). Source: tools/memory-model of both.
 */
final class Lkmm implements Axioms {
    private final boolean newest;

    Lkmm(boolean newest) {
        this.newest = newest;
    }

    @Override
    public Check check(Candidate candidate) {
        LkmmCheck check = new LkmmCheck(candidate, candidate.frame.fences(), newest);
        return check.possible() ? check : null;
    }

    @Override
    public Rel always(Frame f) {
        Rel dep = f.addr.or(f.data);
        Rel marked = dep.or(f.ctrl).to(f.writing).or(f.addr.to(f.reading)).within(f.marked);
        // Plain accesses are bounded by fences: reading from a write ordered after the read is incoherent.
        return marked.or(f.fences().fence);
    }

    @Override
    public boolean ordersSource(Frame f, int write, int read) {
        return f.process[write] != f.process[read] && Rel.in(f.marked, write) && Rel.in(f.marked, read);
    }

    @Override
    public boolean ordersOverwrites() {
        return false;
    }

    @Override
    public Forbidden forbids(Candidate candidate, Rel co, Rel fr) {
        return new LkmmWhy(candidate, newest).forbids(co, fr);
    }

    /** Where coherence does not agree with what is ordered between plain accesses; null if another axiom forbids. */
    Told incoherent(Candidate candidate, Rel co, Rel fr) {
        LkmmCheck check = new LkmmCheck(candidate, candidate.frame.fences(), newest);
        check.allows(co, fr, new LinkedHashSet<>());
        return check.plain == null ? null : check.plain.incoherent();
    }

    @Override
    public boolean thinAir() {
        return true;
    }

    @Override
    public boolean srcuAccesses() {
        return newest;
    }

    @Override
    public Rel inTime(Candidate candidate, Rel co, Rel fr) {
        LkmmCheck check = new LkmmCheck(candidate, candidate.frame.fences(), newest);
        check.allows(co, fr, new LinkedHashSet<>());
        return check.inTime;
    }

    /** One candidate. */
    private static final class LkmmCheck implements Check {
        private final Candidate c;
        private final Frame f;
        private final LkmmFences fences;
        private final boolean newest;
        private final Rel addr;
        private final Rel unlockLock;
        /** Zero or more times: read from, by the read of a read-modify-write, to its write. */
        private final Rel rmwSequence;

        private final Rel preserved;
        private Rel inTime;
        private PlainAccesses plain;

        LkmmCheck(Candidate c, LkmmFences fences, boolean newest) {
            this.c = c;
            this.f = c.frame;
            this.fences = fences;
            this.newest = newest;
            unlockLock = f.po.to(f.unlock).then(f.po.or(c.rf)).to(f.lockRead).then(f.po);
            Rel same = new Rel(f.size).optional();
            rmwSequence = newest ? c.rf.then(f.readModifyWrites()).star() : same;
            Rel carried = newest
                    ? f.data.minus(f.data.to(f.of(MemoryEvent.Kind.SRCU_UNLOCK)))
                            .then(c.rfi)
                            .star()
                    : same;
            addr = carried.then(f.addr);
            Rel dep = addr.or(carried.then(f.data));
            Rel toWrite = dep.or(carried.then(f.ctrl))
                    .to(f.writing)
                    .or(addr.to(f.plain).then(fences.wmb));
            Rel toRead = addr.to(f.reading).or(dep.to(f.marked).then(c.rfi));
            preserved = toWrite.or(toRead).or(fences.fence).or(unlockLock.and(f.internal));
        }

        /** Whether happens-before has no cycle without propagation. */
        boolean possible() {
            return preserved.or(c.rfe).within(f.marked).isAcyclic();
        }

        @Override
        public boolean allows(Rel co, Rel fr, Set<String> flags) {
            Rel strong = newest ? fences.strongAfter(unlockLock) : fences.strong(co);
            Rel overwrite = co.or(fr);
            Rel observed = c.rfe.to(f.marked).optional();
            Rel cumulFence = observed.then(strong.or(fences.release))
                    .or(fences.wmb)
                    .or(unlockLock)
                    .within(f.marked)
                    .then(rmwSequence);
            Rel cumulFences = cumulFence.star();
            Rel prop = overwrite
                    .minus(f.internal)
                    .optional()
                    .from(f.marked)
                    .then(cumulFences)
                    .to(f.marked)
                    .then(c.rfe.optional())
                    .to(f.marked);
            Rel coFences = strong.and(f.internal);
            Rel hb = preserved
                    .or(coFences)
                    .or(overwrite.and(f.internal))
                    .or(c.rfe)
                    .or(prop.and(f.internal).minus(new Rel(f.size).optional()))
                    .within(f.marked);
            Rel hbStar = hb.plus();
            if (!hbStar.isIrreflexive()) {
                return false;
            }
            hbStar = hbStar.optional();
            Rel pb = prop.then(strong).then(hbStar).to(f.marked);
            Rel pbPlus = pb.plus();
            if (!pbPlus.isIrreflexive()) {
                return false;
            }
            Rel rb = new Rel(f.size);
            Rel rcuFence = rb;
            if (GracePeriods.any(f)) {
                Rel after = hbStar.then(pbPlus.optional());
                Rel link = f.po.optional().then(after).then(prop).then(f.po);
                rcuFence = f.po.then(GracePeriods.order(c, link)).then(f.po.optional());
                rb = prop.then(rcuFence).then(after).to(f.marked);
                if (!rb.isIrreflexive()) {
                    return false;
                }
            }
            inTime = hb.or(pb).or(rb);
            Rel xbStar = inTime.star();
            plain = new PlainAccesses(c, fences, addr, strong, rcuFence, cumulFences, rmwSequence, xbStar);
            return plain.allow(co, fr, flags);
        }
    }
}
