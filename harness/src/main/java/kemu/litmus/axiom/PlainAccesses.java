package kemu.litmus.axiom;

import java.util.List;
import java.util.Set;
import kemu.litmus.path.MemoryEvent;

/**
 * The rules for plain accesses: two of different processes that conflict must be ordered through marked accesses that
 * bound them, else they race; and where they are ordered, coherence must agree. Source: tools/memory-model.
 */
final class PlainAccesses {
    private static final List<MemoryEvent.Kind> BARRIERS = List.of(
            MemoryEvent.Kind.BARRIER,
            MemoryEvent.Kind.RMB,
            MemoryEvent.Kind.WMB,
            MemoryEvent.Kind.MB,
            MemoryEvent.Kind.SYNC_RCU,
            MemoryEvent.Kind.SYNC_SRCU,
            MemoryEvent.Kind.BEFORE_ATOMIC,
            MemoryEvent.Kind.AFTER_ATOMIC,
            MemoryEvent.Kind.RCU_LOCK,
            MemoryEvent.Kind.RCU_UNLOCK,
            MemoryEvent.Kind.SRCU_LOCK,
            MemoryEvent.Kind.SRCU_UNLOCK);

    private final Candidate c;
    private final Frame f;
    private final LkmmFences fences;
    private final Rel addr;
    private final Rel strong;
    private final Rel rcuFence;
    private final Rel cumulFences;
    private final Rel rmwSequence;
    private final Rel xbStar;
    private Told incoherent;

    PlainAccesses(
            Candidate c,
            LkmmFences fences,
            Rel addr,
            Rel strong,
            Rel rcuFence,
            Rel cumulFences,
            Rel rmwSequence,
            Rel xbStar) {
        this.c = c;
        this.f = c.frame;
        this.fences = fences;
        this.addr = addr;
        this.strong = strong;
        this.rcuFence = rcuFence;
        this.cumulFences = cumulFences;
        this.rmwSequence = rmwSequence;
        this.xbStar = xbStar;
    }

    /** After {@link #allow}: from an access to itself, where coherence does not agree with what is ordered; or null. */
    Told incoherent() {
        return incoherent;
    }

    boolean allow(Rel co, Rel fr, Set<String> flags) {
        boolean any = false;
        for (long word : f.plain) {
            any |= word != 0;
        }
        return !any || judge(co, fr, flags);
    }

    private boolean judge(Rel co, Rel fr, Set<String> flags) {
        Rel nonRw = strong.or(fences.release).or(fences.acquire);
        Rel fence = nonRw.or(fences.rmb).or(fences.wmb).or(rcuFence);
        Rel full = strong.or(rcuFence);
        Rel vis = cumulFences
                .then(c.rfe.optional())
                .to(f.marked)
                .then(full.to(f.marked).then(xbStar).or(xbStar.and(f.internal)));
        Rel rmb = f.fence(MemoryEvent.Kind.RMB);
        Rel writeBefore = addr.or(fence).optional().from(f.marked);
        Rel readBefore = addr.or(nonRw).or(rmb.from(f.ordinaryReads)).optional().from(f.marked);
        Rel writeAfter = fence.optional().to(f.marked).then(rmwSequence);
        Rel readAfter = nonRw.or(rmb.to(f.ordinaryReads)).optional().to(f.marked);
        Rel strongly = full.then(xbStar);
        Rel visibly = writeAfter.then(vis);
        Rel wwVis = fence.or(strongly.then(writeBefore)).or(visibly.then(writeBefore));
        Rel wrVis = fence.or(strongly.then(readBefore)).or(visibly.then(readBefore));
        Rel rwXb = fence.or(readAfter.then(xbStar).then(writeBefore));
        Rel pairs = conflicting();
        incoherent = Told.any(
                        Told.of("rf", pairs.and(c.rf)).then(Told.of("rw-xbstar", rwXb)),
                        Told.of("fr", pairs.and(fr)).then(Told.of("wr-vis", wrVis)),
                        Told.of("co", pairs.and(co)).then(Told.of("ww-vis", wwVis)))
                .within(new Rel(f.size).optional());
        if (!incoherent.rel.isEmpty()) {
            return false;
        }
        Rel ordered = wwVis.and(rwXb.or(wwVis.from(f.marked))).and(wrVis.or(wwVis.to(f.marked)));
        boolean race = !pairs.and(co).minus(ordered).isEmpty()
                || !pairs.and(co.optional().then(c.rf))
                        .minus(wrVis)
                        .minus(rwXb.inverse())
                        .isEmpty()
                || !pairs.and(fr).minus(rwXb).isEmpty();
        if (race) {
            flags.add("data-race");
        }
        if (mixed()) {
            flags.add("mixed-accesses");
        }
        return true;
    }

    /** Whether a plain write and a marked access of the same location stand next to each other, no barrier between. */
    private boolean mixed() {
        Rel barrier = f.po.to(f.release).or(f.po.from(f.acquire));
        for (MemoryEvent.Kind kind : BARRIERS) {
            barrier = barrier.or(f.fence(kind));
        }
        barrier =
                barrier.or(f.po.to(f.acquire).then(f.po)).or(f.po.to(f.release).then(f.po));
        Rel near = f.po.and(c.sameLocation).minus(barrier).within(f.accesses);
        Rel first = near.from(f.plain).from(f.writing).to(f.marked);
        Rel second = near.from(f.marked).to(f.plain).to(f.writing);
        return !first.or(second).isEmpty();
    }

    /** Pairs of accesses of different processes of which one is plain. */
    private Rel conflicting() {
        Rel any = new Rel(f.size);
        for (int i = 0; i < f.size; i++) {
            for (int j = 0; j < f.size; j++) {
                if (f.process[i] != f.process[j]
                        && c.sameLocation.has(i, j)
                        && (Rel.in(f.plain, i) || Rel.in(f.plain, j))) {
                    any.add(i, j);
                }
            }
        }
        return any;
    }
}
