package kemu.rcu;

import kemu.hw.layout.I32Field;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;

/**
 * {@code struct rcu_head}: embedded in an object that is to be freed after a grace period. It needs no initialisation.
 * From {@link Rcu#callRcu} until the callback runs it belongs to RCU.
 */
public final class RcuHead {
    private static final StructLayout.Builder S = StructLayout.struct("rcu_head");
    /** Next callback of the CPU that queued it. Owner only: that CPU with interrupts disabled. */
    public static final RefField NEXT = S.ref("next", RcuHead.class);
    /** Number of the callback function, marked while queued. Owner only. */
    public static final I32Field FUNC = S.i32("func");
    /** Size and members. */
    public static final StructLayout LAYOUT = S.build(8);

    /** In {@link #FUNC} while the head is queued, so that queuing it twice is noticed. */
    static final int QUEUED = 0x5cb0_0000;

    static final int QUEUED_MASK = 0xffff_0000;

    private RcuHead() {}

    /** True if {@code func}, read from {@link #FUNC}, says that its head waits for a grace period. */
    public static boolean isQueued(int func) {
        return (func & QUEUED_MASK) == QUEUED;
    }
}
