package kemu.mm.vma.lookup;

import kemu.mm.vma.VmaLookupContract;

class VmaRefcountLookupTest extends VmaLookupContract {
    @Override
    protected String lookup() {
        return VmaRefcountLookup.NAME;
    }
}
