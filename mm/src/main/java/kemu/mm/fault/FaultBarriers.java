package kemu.mm.fault;

import kemu.hw.order.Barriers;

/** Ordering points of faults and user accesses. */
public final class FaultBarriers {
    /**
     * Contents and words of a page are written before the pte that maps it. Pairs with the dependent load of the pte in
     * {@link UserAccess}. Forbidden: a user access through the new pte sees what the frame held before. Source: Linux
     * 2.6.36 include/linux/page-flags.h, __SetPageUptodate() (a write barrier there).
     */
    public static final int SET_PTE = Barriers.release("fault.SET_PTE");

    /**
     * A user access announces its mm, <b>full fence</b>, then loads the pte. Pairs with pgtable.FLUSH of a shootdown,
     * which changes the pte, full fence, then loads the announcements. Forbidden: both miss each other, and a frame is
     * reused under an access. Stands for the interrupt that a hardware shootdown waits for.
     */
    public static final int USER_ACCESS = Barriers.fence("fault.USER_ACCESS");

    private FaultBarriers() {}
}
