package kemu.mm.rmap.lock;

import kemu.mm.rmap.AnonVmaLockingContract;

class RootRwSemLockingTest extends AnonVmaLockingContract {
    @Override
    protected String strategy() {
        return RootRwSemLocking.NAME;
    }
}
