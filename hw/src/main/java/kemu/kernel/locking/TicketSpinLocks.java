package kemu.kernel.locking;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Area;
import kemu.hw.order.Barriers;
import kemu.hw.order.Order;
import kemu.kernel.context.Task;

/**
 * Ticket lock with 8-bit tickets, as on x86 with fewer than 256 CPUs in Linux 2.6.36 (arch/x86/include/asm/spinlock.h).
 * Draw a ticket from the tail, wait until the head serves it; unlock serves the next ticket, whoever calls it: an
 * unlock too many makes the next locker wait for 255 more.
 *
 * <p>The two tickets are words of their own, compared modulo 256, since a word is accessed with one width.
 */
final class TicketSpinLocks extends SpinLocks {
    private static final int TICKET_MASK = 0xff;
    private static final int LOCK = Barriers.acquire("ticket.LOCK");
    private static final int UNLOCK = Barriers.release("ticket.UNLOCK");

    @Override
    public void lock(Cpu cpu, long lock) {
        int ticket = cpu.fetchAdd32(SpinLock.TAIL.of(lock), 1, Order.RELAXED) & TICKET_MASK;
        if (cpu.waitsAtOnce()) {
            lockSlow(cpu, lock, ticket);
            return;
        }
        int head = cpu.loadAcquire32(SpinLock.HEAD.of(lock), LOCK) & TICKET_MASK;
        if (head != ticket) {
            lockSlow(cpu, lock, ticket);
        }
    }

    private static void lockSlow(Cpu cpu, long lock, int ticket) {
        long task = Area.CURRENT.get(cpu, cpu.area());
        long outer = Task.BLOCKED_ON.get(cpu, task);
        Task.BLOCKED_ON.set(cpu, task, lock);
        cpu.condLoadEq32(SpinLock.HEAD.of(lock), TICKET_MASK, ticket, LOCK);
        Task.BLOCKED_ON.set(cpu, task, outer);
    }

    @Override
    public boolean tryLock(Cpu cpu, long lock) {
        int tail = SpinLock.TAIL.readOnce(cpu, lock);
        // The last holder has released the head; the tail says only that nobody came since.
        int head = cpu.loadAcquire32(SpinLock.HEAD.of(lock), LOCK);
        return ((tail ^ head) & TICKET_MASK) == 0
                && cpu.cmpxchg32(SpinLock.TAIL.of(lock), tail, tail + 1, LOCK) == tail;
    }

    @Override
    public void unlock(Cpu cpu, long lock) {
        // Only the holder moves the head, so the sum needs no atomicity; a second unlocker is a bug and must look like
        // one.
        int head = SpinLock.HEAD.readOnce(cpu, lock);
        cpu.storeRelease32(SpinLock.HEAD.of(lock), head + 1, UNLOCK);
    }

    @Override
    public void unlockWait(Cpu cpu, long lock) {
        int head = SpinLock.HEAD.readOnce(cpu, lock);
        if (((SpinLock.TAIL.readOnce(cpu, lock) ^ head) & TICKET_MASK) != 0) {
            cpu.condLoadNe32(SpinLock.HEAD.of(lock), -1, head, Order.RELAXED);
        }
    }

    @Override
    public boolean isLocked(Cpu cpu, long lock) {
        return ((SpinLock.TAIL.readOnce(cpu, lock) ^ SpinLock.HEAD.readOnce(cpu, lock)) & TICKET_MASK) != 0;
    }
}
