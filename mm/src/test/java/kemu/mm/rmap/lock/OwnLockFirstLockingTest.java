package kemu.mm.rmap.lock;

import kemu.mm.rmap.AnonVmaLockingContract;

class OwnLockFirstLockingTest extends AnonVmaLockingContract {
    @Override
    protected String strategy() {
        return OwnLockFirstLocking.NAME;
    }

    @Override
    protected boolean locksOwn() {
        return true;
    }

    @Override
    protected boolean mayReturnFreed() {
        return true;
    }
}
