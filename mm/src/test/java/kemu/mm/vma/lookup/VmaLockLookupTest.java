package kemu.mm.vma.lookup;

import kemu.mm.vma.VmaLookupContract;

class VmaLockLookupTest extends VmaLookupContract {
    @Override
    protected String lookup() {
        return VmaLockLookup.NAME;
    }
}
