package kemu.kernel.locking;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Area;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Barriers;
import kemu.hw.order.Order;
import kemu.kernel.context.Task;

/**
 * Owner-checked lock, as with DEBUG_SPINLOCK: the lock word holds the owner's pid plus one, 0 when free. Recursion, an
 * unlock of a free lock, an unlock by another task, and a lock that was never initialised are kernel bugs at the spot.
 */
final class DebugSpinLocks extends SpinLocks {
    private static final int LOCK = Barriers.acquire("debug.LOCK");
    private static final int UNLOCK = Barriers.release("debug.UNLOCK");

    @Override
    public void lock(Cpu cpu, long lock) {
        int self = checkedSelf(cpu, lock);
        // Ends when an exchange finds the lock free; the watchdog reports a CPU that waits too long.
        while (true) {
            int holder = cpu.cmpxchg32(SpinLock.HEAD.of(lock), 0, self, LOCK);
            if (holder == 0) {
                return;
            }
            if (holder == self) {
                throw bug(cpu, lock, FailureKind.HANG, "recursion");
            }
            waitFree(cpu, lock);
        }
    }

    private static void waitFree(Cpu cpu, long lock) {
        long task = Area.CURRENT.get(cpu, cpu.area());
        long outer = Task.BLOCKED_ON.get(cpu, task);
        Task.BLOCKED_ON.set(cpu, task, lock);
        cpu.condLoadEq32(SpinLock.HEAD.of(lock), -1, 0, LOCK);
        Task.BLOCKED_ON.set(cpu, task, outer);
    }

    @Override
    public boolean tryLock(Cpu cpu, long lock) {
        int self = checkedSelf(cpu, lock);
        return cpu.cmpxchg32(SpinLock.HEAD.of(lock), 0, self, LOCK) == 0;
    }

    @Override
    public void unlock(Cpu cpu, long lock) {
        int self = checkedSelf(cpu, lock);
        int holder = SpinLock.HEAD.readOnce(cpu, lock);
        if (holder == 0) {
            throw bug(cpu, lock, FailureKind.BAD_UNLOCK, "already unlocked");
        }
        if (holder != self) {
            throw bug(cpu, lock, FailureKind.BAD_UNLOCK, "wrong owner");
        }
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

    /**
     * Who takes or frees: the pid plus one. Idle tasks and boot have pids of their own per CPU, so a lock handed over
     * by a context switch (the run queue's) is taken and freed by different tasks of one CPU: that class is owned by
     * the CPU.
     */
    private static int checkedSelf(Cpu cpu, long lock) {
        if (SpinLock.CLASS.get(cpu, lock) == 0) {
            throw bug(cpu, lock, FailureKind.LOCK_WIPED, "bad magic");
        }
        if (SpinLock.CLASS.get(cpu, lock) == RQ_CLASS) {
            return -1 - cpu.id();
        }
        return Area.CURRENT_PID.get(cpu, cpu.area()) + 1;
    }

    private static final int RQ_CLASS = LockClass.RUN_QUEUE.id();

    private static KernelBug bug(Cpu cpu, long lock, FailureKind kind, String what) {
        return new KernelBug(
                kind,
                "BUG: spinlock " + what + " on CPU#" + cpu.id() + ", pid "
                        + Area.CURRENT_PID.get(cpu, cpu.area()) + "; lock "
                        + LockClass.nameOf(SpinLock.CLASS.get(cpu, lock))
                        + " 0x" + Long.toHexString(lock) + ", owner pid " + (SpinLock.HEAD.readOnce(cpu, lock) - 1)
                        + " ("
                        + Machine.of(cpu).memory().symbols().nameOf(lock) + ")");
    }
}
