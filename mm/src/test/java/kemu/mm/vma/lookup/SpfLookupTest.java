package kemu.mm.vma.lookup;

import kemu.mm.vma.VmaLookupContract;

class SpfLookupTest extends VmaLookupContract {
    @Override
    protected String lookup() {
        return SpfLookup.NAME;
    }
}
