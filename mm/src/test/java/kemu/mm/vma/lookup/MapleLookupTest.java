package kemu.mm.vma.lookup;

import kemu.mm.vma.VmaLookupContract;

class MapleLookupTest extends VmaLookupContract {
    @Override
    protected String lookup() {
        return MapleLookup.NAME;
    }

    @Override
    protected boolean needsMmapSem() {
        return true;
    }
}
