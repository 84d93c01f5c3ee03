package plugin.example;

import kemu.kernel.locking.SpinLockProvider;
import kemu.kernel.locking.SpinLocks;

/** A spinlock under a name of its own. */
public final class OwnSpinLock implements SpinLockProvider {
    @Override
    public String name() {
        return "own-spinlock";
    }

    @Override
    public String description() {
        return "test and set once more";
    }

    @Override
    public SpinLocks create() {
        return SpinLocks.byName("tas");
    }
}
