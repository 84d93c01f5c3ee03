package kemu.mm.fault.direct;

import kemu.hw.cpu.Cpu;
import kemu.kernel.context.Task;
import kemu.kernel.task.Sched;
import kemu.kernel.task.WaitQueue;
import kemu.mm.fault.SlotPin;
import kemu.mm.page.Gfp;
import kemu.mm.page.PageAllocator;
import kemu.mm.swap.Swap;

/**
 * The entry is claimed as if for the swap cache: it stays taken until it is let go, whoever maps it meanwhile, and a
 * second thread that would read it waits until then.
 *
 * <p>Source: Linux 6.8 mm/memory.c and mm/swapfile.c, swapcache_prepare() and swapcache_clear() (13ddaf26be32); later
 * swapcache_wq. Linux sleeps for a tick, as it cannot tell such a claim from a page on its way into the cache; here a
 * bit of the entry's count tells them apart, so that a waiter waits for the right thing however long it takes.
 */
class PreparedSlot implements SlotPin {
    private final Swap swap;
    private final long waiters;

    /** Boot only. */
    PreparedSlot(Cpu boot, PageAllocator pages, Swap swap) {
        this.swap = swap;
        long page = pages.allocPages(boot, Gfp.NOWAIT | Gfp.ZERO, 0);
        if (page == Cpu.NULL) {
            throw new IllegalStateException("memory is too small to boot: no room for swapcache_wq");
        }
        waiters = pages.frameOf(page);
        WaitQueue.init(boot, waiters);
    }

    /** One without a user is busy: the pte that named it has changed. */
    @Override
    public boolean passesBy(Cpu cpu, long entry) {
        return swap.swapCount(cpu, entry) <= 1;
    }

    @Override
    public int pin(Cpu cpu, long entry) {
        return swap.pin(cpu, entry) ? PINNED : BUSY;
    }

    @Override
    public void unpin(Cpu cpu, long entry) {
        swap.unpin(cpu, entry);
        WaitQueue.wakeAll(cpu, waiters);
    }

    /** Who is no longer pinned is not waited for: it is in the cache, or free, and then the pte is another. */
    @Override
    public void giveWay(Cpu cpu, long entry) {
        WaitQueue.prepare(cpu, waiters, Task.UNINTERRUPTIBLE);
        // Ends: who has pinned the entry waits for nobody here.
        while (swap.isPinned(cpu, entry)) {
            Sched.of(cpu).schedule(cpu);
            WaitQueue.prepare(cpu, waiters, Task.UNINTERRUPTIBLE);
        }
        WaitQueue.finish(cpu, waiters);
    }
}
