package kemu.mm.vma.lookup;

import kemu.mm.vma.VmaLookupContract;

class MmapSemLookupTest extends VmaLookupContract {
    @Override
    protected String lookup() {
        return MmapSemLookup.NAME;
    }

    @Override
    protected boolean needsMmapSem() {
        return true;
    }
}
