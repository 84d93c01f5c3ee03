package kemu.mm.rmap.lock;

import kemu.mm.rmap.AnonVmaLockingContract;

class RootRwSemRevalidateLockingTest extends AnonVmaLockingContract {
    @Override
    protected String strategy() {
        return RootRwSemLocking.REVALIDATE;
    }
}
