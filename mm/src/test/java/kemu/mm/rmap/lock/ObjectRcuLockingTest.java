package kemu.mm.rmap.lock;

import kemu.mm.rmap.AnonVmaLockingContract;

class ObjectRcuLockingTest extends AnonVmaLockingContract {
    @Override
    protected String strategy() {
        return RootRereadLocking.OBJECT_RCU;
    }

    @Override
    protected boolean mayReturnFreed() {
        return true;
    }
}
