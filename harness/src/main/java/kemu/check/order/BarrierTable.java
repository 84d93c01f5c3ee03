package kemu.check.order;

import java.util.List;
import java.util.stream.Stream;

/**
 * Lists every named ordering point of the locks, rcu and mm with what becomes of a kernel without it. Either a scenario
 * fails, and the row says how; or the point is REDUNDANT, and the row says what orders the accesses all the same; or it
 * is INVISIBLE HERE, and the row says why this hardware does not show it and which would. Tests hold the names to the
 * sources and the rows to what the mutants do, and so does {@code kemu check mutants}.
 *
 * <p>One barrier is taken away at a time, so of two barriers that stand in for each other each is redundant.
 */
public final class BarrierTable {
    /** Classes that register barriers as they are loaded; a kernel that boots need not load them all. */
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
