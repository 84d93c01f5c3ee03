package kemu.check.order;

import java.util.List;
import kemu.check.scenario.Scenario;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;

/** All scenarios for ordering points. All of them must hold as the kernel is. */
public final class Orderings {
    private static final List<Scenario> ALL = List.of(
            new Ordering("lock-spin", "a spinlock keeps two words equal", 2, LockOrderings::spin),
            new Ordering("lock-bit", "a bit lock keeps two words equal", 2, LockOrderings::bit),
            new Ordering("lock-mutex", "a mutex keeps two words equal, and sleepers wake up", 3, LockOrderings::mutex)
                    .within(2, 1),
            new Ordering("lock-mutexes", "who has waited for one mutex may wait for another", 3, LockOrderings::mutexes)
                    .within(1, 1),
            new Ordering("lock-rwsem", "a rw_semaphore keeps two words equal", 3, LockOrderings::rwsem).within(2, 1),
            new Ordering("lock-seq", "a seqlock reader sees both words of one write", 2, LockOrderings::seq),
            new Ordering("lock-page", "the page lock keeps two words equal", 3, MmOrderings::pageLock).within(2, 1),
            new Ordering("cpu-call", "a function called on another CPU sees its argument", 2, RcuOrderings::crossCall)
                    .polling(),
            new Ordering("rcu-publish", "a reader sees what was written before publication", 2, RcuOrderings::publish),
            new Ordering("rcu-lists", "a reader sees what was written before insertion", 2, RcuOrderings::lists),
            new Ordering("rcu-outlive", "no reader outlives a grace period", 3, RcuOrderings::gracePeriod).polling(),
            new Ordering("rcu-idle", "nor a reader in an interrupt of idle", 3, RcuOrderings::idle).within(1, 1),
            new Ordering("rcu-preempted", "nor one that was preempted", 3, 0, "preempt", RcuOrderings::preempted)
                    .within(1, 1),
            new Ordering("rcu-barrier", "rcu_barrier returns after all callbacks", 3, RcuOrderings::barrier).polling(),
            new Ordering("mm-shootdown", "no access outlives the unmapping of its page", 2, MmOrderings::shootdown)
                    .within(-1, 2),
            new Ordering("mm-faults", "two threads make the same page tables", 2, MmOrderings::faults).within(1, 0),
            new Ordering("mm-tables", "a page table is whole before others find it", 2, MmOrderings::tables)
                    .within(2, 1),
            new Ordering("mm-anon-vma", "an anon_vma is whole before others find it", 2, MmOrderings::anonVma),
            new Ordering("mm-page-find", "a page is set up before others find it", 2, MmOrderings::pageFind),
            new Ordering("mm-page-cache", "an up-to-date page holds its contents", 2, MmOrderings::pageCache)
                    .within(2, 1),
            new Ordering("mm-putback", "no page is stranded on the unevictable list", 2, MmOrderings::putback),
            new Ordering("mm-dma", "a device sees what its CPU has written, and the other way", 2, PageOrderings::dma),
            new Ordering("mm-page-drop", "a page that is found stays in the cache", 2, PageOrderings::drop)
                    .within(1, 1),
            new Ordering(
                            "mm-swap",
                            "a page that comes back from swap holds its contents",
                            2,
                            64,
                            "sched",
                            PageOrderings::swap)
                    .within(0, 0),
            new Ordering(
                            "mm-swap-drop",
                            "a page that is forgotten while it is swapped in goes unlocked",
                            2,
                            64,
                            "sched",
                            PageOrderings::swapDrop)
                    .polling(),
            new Ordering("mm-kswapd", "allocations go on while kswapd wakes and sleeps", 2, PageOrderings::kswapd)
                    .within(1, 1),
            new Ordering("mm-oom", "a victim is found while tasks exit", 3, ProcessOrderings::oom).polling(),
            new Ordering("mm-vfork", "a parent sees what its child of vfork did", 2, ProcessOrderings::vfork));

    private Orderings() {}

    /** All of them. */
    public static List<Scenario> all() {
        return ALL;
    }

    /** A cleared page of a scene's own words; its address. */
    static long page(Kernel kernel) {
        Cpu boot = kernel.machine().bootCpu();
        long page = kernel.pages().allocPages(boot, Gfp.KERNEL, 0);
        long frame = kernel.pages().frameOf(page);
        boot.clearFrame(frame);
        return frame;
    }
}
