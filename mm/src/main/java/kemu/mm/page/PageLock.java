package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Area;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.mem.PhysMem;
import kemu.hw.order.Barriers;
import kemu.hw.order.Order;
import kemu.kernel.context.Preempt;
import kemu.kernel.context.Task;
import kemu.kernel.locking.BitLock;
import kemu.kernel.task.Sched;
import kemu.kernel.task.WaitQueue;

/**
 * The page lock: the bit {@link Page#PG_LOCKED} is the lock; waiters sleep on a hashed table of wait queues. Also
 * waiting for the end of writeback.
 *
 * <p>A waiter sets {@link Page#PG_WAITERS} in the same atomic operation that looks at the bit it waits for, and whoever
 * clears that bit takes PG_WAITERS away in the same operation; both are one word, so no wake-up is lost and an
 * uncontended unlock does not touch the table.
 *
 * <p>Source: Linux 2.6.36 mm/filemap.c, lock_page() and wait_on_page_bit(); PG_waiters is Linux 4.10's.
 */
public final class PageLock {
    private static final int LOCK = Barriers.acquire("page_lock.LOCK");
    private static final int UNLOCK = Barriers.release("page_lock.UNLOCK");
    private static final int PAGES_PER_QUEUE = 256;
    private static final int MIN_QUEUES = 4;
    private static final int MAX_QUEUES = 1024;

    private final long table;
    private final int hashMask;

    /** Boot only. */
    public PageLock(Machine machine) {
        long pages = machine.memory().sizeBytes() >> PhysMem.PAGE_SHIFT;
        int wanted = (int) Math.min(MAX_QUEUES, Math.max(MIN_QUEUES, pages / PAGES_PER_QUEUE));
        int queues = Integer.highestOneBit(wanted);
        hashMask = queues - 1;
        Cpu boot = machine.bootCpu();
        int size = WaitQueue.LAYOUT.sizeBytes();
        table = machine.bootAllocator().allocate(boot, (long) queues * size, 64, "page_wait_table");
        for (int i = 0; i < queues; i++) {
            WaitQueue.init(boot, table + (long) i * size);
        }
    }

    /** lock_page. Acquire. Context: may sleep; the caller has a reference to the page. */
    public void lock(Cpu cpu, @Ref(Page.class) long page) {
        if (!tryLock(cpu, page)) {
            lockSlow(cpu, page);
        }
    }

    /** trylock_page: takes the lock if it is free. Acquire on success. Context: any. */
    public boolean tryLock(Cpu cpu, @Ref(Page.class) long page) {
        return (cpu.fetchOr64(Page.FLAGS.of(page), Page.PG_LOCKED, LOCK) & Page.PG_LOCKED) == 0;
    }

    private void lockSlow(Cpu cpu, long page) {
        Preempt.mightSleep(cpu, "lock_page");
        long task = Sched.current(cpu);
        long outer = Task.BLOCKED_ON.get(cpu, task);
        Task.BLOCKED_ON.writeOnce(cpu, task, BitLock.blockedOn(Page.FLAGS.of(page)));
        long queue = queueOf(page);
        long bits = Page.PG_LOCKED | Page.PG_WAITERS;
        WaitQueue.prepare(cpu, queue, Task.UNINTERRUPTIBLE);
        // Ends when an exchange finds the lock free; a holder that never unlocks is reported as a hung task.
        while ((cpu.fetchOr64(Page.FLAGS.of(page), bits, LOCK) & Page.PG_LOCKED) != 0) {
            Sched.of(cpu).schedule(cpu);
            WaitQueue.prepare(cpu, queue, Task.UNINTERRUPTIBLE);
        }
        WaitQueue.finish(cpu, queue);
        Task.BLOCKED_ON.writeOnce(cpu, task, outer);
    }

    /** unlock_page. Release. @throws KernelBug if the page is not locked */
    public void unlock(Cpu cpu, @Ref(Page.class) long page) {
        clearAndWake(cpu, page, Page.PG_LOCKED, FailureKind.BAD_UNLOCK, "unlock of a page that is not locked");
    }

    /** end_page_writeback: clears {@link Page#PG_WRITEBACK} and wakes who waits. Release. */
    public void endWriteback(Cpu cpu, @Ref(Page.class) long page) {
        clearAndWake(
                cpu,
                page,
                Page.PG_WRITEBACK,
                FailureKind.BAD_PAGE_STATE,
                "end of writeback of a page that is not written");
    }

    private void clearAndWake(Cpu cpu, long page, long bit, FailureKind kind, String wrong) {
        long old = cpu.fetchAnd64(Page.FLAGS.of(page), ~(bit | Page.PG_WAITERS), UNLOCK);
        if ((old & bit) == 0) {
            throw new KernelBug(
                    kind,
                    "BUG: " + wrong + " on CPU#" + cpu.id() + ", pid " + Area.CURRENT_PID.get(cpu, cpu.area()) + ": "
                            + Page.describe(cpu, page));
        }
        if ((old & Page.PG_WAITERS) != 0) {
            WaitQueue.wakeAll(cpu, queueOf(page));
        }
    }

    /** wait_on_page_writeback: returns when the page is not under writeback. Acquire. Context: may sleep. */
    public void waitOnWriteback(Cpu cpu, @Ref(Page.class) long page) {
        waitOnBit(cpu, page, Page.PG_WRITEBACK);
    }

    /** wait_on_page_locked: returns when nobody holds the lock, without taking it. Acquire. Context: may sleep. */
    public void waitOnLocked(Cpu cpu, @Ref(Page.class) long page) {
        waitOnBit(cpu, page, Page.PG_LOCKED);
    }

    private void waitOnBit(Cpu cpu, long page, long bit) {
        if ((Page.FLAGS.acquire(cpu, page) & bit) == 0) {
            return;
        }
        Preempt.mightSleep(cpu, "wait_on_page_bit");
        long queue = queueOf(page);
        WaitQueue.prepare(cpu, queue, Task.UNINTERRUPTIBLE);
        // Ends when the bit is clear. A PG_WAITERS left behind costs the next unlocker one needless wake-up.
        while ((cpu.fetchOr64(Page.FLAGS.of(page), Page.PG_WAITERS, Order.FULL) & bit) != 0) {
            Sched.of(cpu).schedule(cpu);
            WaitQueue.prepare(cpu, queue, Task.UNINTERRUPTIBLE);
        }
        WaitQueue.finish(cpu, queue);
    }

    private long queueOf(long page) {
        long hash = (page / Page.LAYOUT.sizeBytes()) * 0x9E3779B97F4A7C15L;
        return table + (int) (hash >>> 40 & hashMask) * (long) WaitQueue.LAYOUT.sizeBytes();
    }
}
