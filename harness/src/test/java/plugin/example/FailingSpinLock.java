package plugin.example;

import kemu.kernel.locking.SpinLockProvider;
import kemu.kernel.locking.SpinLocks;

/** A spinlock that was compiled against something that is no longer there. */
public final class FailingSpinLock implements SpinLockProvider {
    @Override
    public String name() {
        return "failing-spinlock";
    }

    @Override
    public String description() {
        return "cannot be made";
    }

    @Override
    public SpinLocks create() {
        throw new NoSuchMethodError("SpinLocks.old()");
    }
}
