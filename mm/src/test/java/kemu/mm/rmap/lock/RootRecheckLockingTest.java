package kemu.mm.rmap.lock;

import kemu.mm.rmap.AnonVmaLockingContract;

class RootRecheckLockingTest extends AnonVmaLockingContract {
    @Override
    protected String strategy() {
        return RootRecheckLocking.NAME;
    }
}
