package kemu.mm.rmap.lock;

import kemu.mm.rmap.AnonVmaLockingContract;

class RefcountLockingTest extends AnonVmaLockingContract {
    @Override
    protected String strategy() {
        return RefcountLocking.NAME;
    }
}
