package kemu.mm.rmap.lock;

import kemu.mm.rmap.AnonVmaLockingContract;

class LocalLockingTest extends AnonVmaLockingContract {
    @Override
    protected String strategy() {
        return LocalLocking.NAME;
    }

    @Override
    protected boolean locksRoot() {
        return false;
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
