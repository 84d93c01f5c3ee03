package kemu.kernel.locking;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Area;
import kemu.hw.order.Barriers;
import kemu.hw.order.Order;
import kemu.kernel.context.Task;

/**
 * Test-and-set lock: one word, 0 or 1. Unlock stores 0 whatever was there, so a wrong unlock of a free lock is
 * invisible and one of a held lock lets a second owner in.
 */
final class TasSpinLocks extends SpinLocks {
    private static final int LOCK = Barriers.acquire("tas.LOCK");
    private static final int UNLOCK = Barriers.release("tas.UNLOCK");

    @Override
    public void lock(Cpu cpu, long lock) {
        if (cpu.xchg32(SpinLock.HEAD.of(lock), 1, LOCK) != 0) {
            lockSlow(cpu, lock);
        }
    }

    private static void lockSlow(Cpu cpu, long lock) {
        long task = Area.CURRENT.get(cpu, cpu.area());
        long outer = Task.BLOCKED_ON.get(cpu, task);
        Task.BLOCKED_ON.set(cpu, task, lock);
        // Ends when an exchange finds the lock free; the watchdog reports a CPU that waits too long.
        do {
            cpu.condLoadEq32(SpinLock.HEAD.of(lock), -1, 0, LOCK);
        } while (cpu.xchg32(SpinLock.HEAD.of(lock), 1, LOCK) != 0);
        Task.BLOCKED_ON.set(cpu, task, outer);
    }

    @Override
    public boolean tryLock(Cpu cpu, long lock) {
        return SpinLock.HEAD.readOnce(cpu, lock) == 0 && cpu.xchg32(SpinLock.HEAD.of(lock), 1, LOCK) == 0;
    }

    @Override
    public void unlock(Cpu cpu, long lock) {
        cpu.storeRelease32(SpinLock.HEAD.of(lock), 0, UNLOCK);
    }

    @Override
    public void unlockWait(Cpu cpu, long lock) {
        cpu.condLoadEq32(SpinLock.HEAD.of(lock), -1, 0, Order.RELAXED);
    }

    @Override
    public boolean isLocked(Cpu cpu, long lock) {
        return SpinLock.HEAD.readOnce(cpu, lock) != 0;
    }
}
