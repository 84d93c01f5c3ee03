package kemu.mm.pgtable.tlb;

import kemu.mm.pgtable.FlushPoints;

/** fork flushes after each pte, under its lock: nobody sees it write-protected and has an older entry. */
final class ForkEachPte implements FlushPoints {
    @Override
    public boolean atEachCopy() {
        return true;
    }
}
