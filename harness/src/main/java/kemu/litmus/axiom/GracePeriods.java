package kemu.litmus.axiom;

import kemu.litmus.path.MemoryEvent;

/**
 * The law of RCU: going around a cycle in which every step is ordered, one may not meet at least as many grace periods
 * as readers. A grace period is related to itself; with {@code link} ordering what lies between, every sequence of
 * grace periods and readers with no more readers than grace periods acts as one strong fence. SRCU counts per
 * srcu_struct. Source: Alglave, Maranget, McKenney, Parri, Stern, ASPLOS 2018; Linux 6.1 tools/memory-model.
 */
final class GracePeriods {
    private GracePeriods() {}

    static boolean any(Frame frame) {
        return frame.any(MemoryEvent.Kind.SYNC_RCU) || frame.any(MemoryEvent.Kind.SYNC_SRCU);
    }

    /** The sequences, from their first to their last RCU event. */
    static Rel order(Candidate c, Rel link) {
        Frame f = c.frame;
        Rel none = new Rel(f.size).optional();
        Rel gp = none.within(f.of(MemoryEvent.Kind.SYNC_RCU));
        Rel srcuGp = none.within(f.of(MemoryEvent.Kind.SYNC_SRCU));
        Rel reader = f.rcuSections.inverse();
        Rel srcuReader = c.srcu.sections.inverse();
        Rel gpLink = gp.then(link);
        Rel srcuGpLink = srcuGp.then(link);
        Rel readerLink = reader.then(link);
        Rel srcuReaderLink = srcuReader.then(link);
        Rel order = gp.or(srcuGp)
                .or(gpLink.then(reader))
                .or(readerLink.then(gp))
                .or(srcuGpLink.then(srcuReader).and(c.sameLocation))
                .or(srcuReaderLink.then(srcuGp).and(c.sameLocation));
        while (true) {
            Rel inner = order.then(link);
            Rel next = order.or(gpLink.then(inner).then(reader))
                    .or(readerLink.then(inner).then(gp))
                    .or(srcuGpLink.then(inner).then(srcuReader).and(c.sameLocation))
                    .or(srcuReaderLink.then(inner).then(srcuGp).and(c.sameLocation))
                    .or(inner.then(order));
            if (next.equals(order)) {
                return order;
            }
            order = next;
        }
    }
}
