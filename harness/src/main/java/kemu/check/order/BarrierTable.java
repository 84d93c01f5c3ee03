package kemu.check.order;

import java.util.List;
import java.util.stream.Stream;

/**
 * Every named ordering point of the locks, rcu and mm, and what becomes of a kernel without it: which scenario fails
 * and how; or REDUNDANT, what orders all the same; or INVISIBLE HERE, why this hardware does not show it and what
 * would. Held to the sources and to what the mutants do by tests, and by {@code kemu check mutants}.
 *
 * <p>One barrier at a time: of two that stand in for each other, each is redundant.
 */
public final class BarrierTable {
    /** Classes that register barriers, and may not have been needed yet when a kernel has booted. */
    private static final String[] HOLDERS = {
        "kemu.kernel.locking.TasSpinLocks",
        "kemu.kernel.locking.DebugSpinLocks",
        "kemu.kernel.locking.SeqCount",
        "kemu.kernel.locking.McsSpinLocks",
        "kemu.kernel.locking.ClhSpinLocks",
        "kemu.kernel.locking.QueueNodes",
        "kemu.rcu.tree.RcuBarriers",
        "kemu.rcu.list.HList$Head",
        "kemu.rcu.list.ListHead",
        "kemu.mm.fault.FaultBarriers",
        "kemu.mm.file.RadixTree",
        "kemu.mm.rmap.RmapBarriers",
        "kemu.mm.swap.SwapCache",
        "kemu.mm.process.Process",
    };

    private BarrierTable() {}

    /** Every row: locks, rcu, mm. */
    public static List<NamedBarrier> all() {
        return Stream.of(LockRows.ALL, RcuRows.ALL, MmRows.ALL)
                .flatMap(List::stream)
                .toList();
    }

    /** Makes every barrier of the kernel known by name. */
    public static void load() {
        try {
            for (String holder : HOLDERS) {
                Class.forName(holder);
            }
        } catch (ClassNotFoundException gone) {
            throw new IllegalStateException(gone);
        }
    }
}
