package kemu.kernel.locking;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.machine.Software;

/**
 * The part of a machine's software that locks need: the spinlock algorithm of the machine. The rest of the kernel core
 * is built on it and extends it, so that a lock finds it on any CPU and knows nothing above.
 */
public abstract class LockingCore implements Software {
    private final SpinLocks spinLocks;

    /** For {@code machine}, with the spinlocks that its configuration names. */
    protected LockingCore(Machine machine) {
        spinLocks = SpinLocks.byName(machine.config().spinLock());
        spinLocks.reserve(machine);
    }

    /** The spinlock algorithm of the machine of {@code cpu}. */
    public static SpinLocks spinLocks(Cpu cpu) {
        return ((LockingCore) Machine.of(cpu).software()).spinLocks;
    }
}
