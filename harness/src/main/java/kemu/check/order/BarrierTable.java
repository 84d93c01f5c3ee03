package kemu.check.order;

import java.util.List;
import java.util.stream.Stream;
import kemu.kernel.locking.SeqCount;
import kemu.kernel.locking.SpinLocks;
import kemu.mm.fault.FaultBarriers;
import kemu.mm.file.RadixTree;
import kemu.mm.mlock.PageMlock;
import kemu.mm.process.Process;
import kemu.mm.rmap.RmapBarriers;
import kemu.mm.swap.SwapCache;
import kemu.mm.vma.lookup.VmaLookups;
import kemu.rcu.list.HList;
import kemu.rcu.list.ListHead;
import kemu.rcu.tree.RcuBarriers;

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
    private static final List<Class<?>> HOLDERS = List.of(
            SeqCount.class,
            RcuBarriers.class,
            HList.Head.class,
            ListHead.class,
            FaultBarriers.class,
            PageMlock.class,
            RadixTree.class,
            RmapBarriers.class,
            SwapCache.class,
            Process.class);

    private BarrierTable() {}

    /** Every row: locks, rcu, mm, lookups of VMAs. */
    public static List<NamedBarrier> all() {
        return Stream.of(LockRows.ALL, RcuRows.ALL, MmRows.ALL, VmaRows.ALL)
                .flatMap(List::stream)
                .toList();
    }

    /** Makes every barrier of the kernel known by name. */
    public static void load() {
        HOLDERS.forEach(BarrierTable::initialise);
        SpinLocks.barrierHolders().forEach(BarrierTable::initialise);
        VmaLookups.barrierHolders().forEach(BarrierTable::initialise);
    }

    private static void initialise(Class<?> holder) {
        try {
            Class.forName(holder.getName(), true, holder.getClassLoader());
        } catch (ClassNotFoundException gone) {
            throw new IllegalStateException(gone);
        }
    }
}
