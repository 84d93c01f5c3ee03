package kemu.mm.pgtable.tlb;

import kemu.hw.cpu.Cpu;
import kemu.mm.pgtable.FlushPoints;
import kemu.mm.pgtable.PageTable;

/** mprotect does not flush: whoever wrote to the range before still can. A mutant. */
final class MprotectNoFlush implements FlushPoints {
    @Override
    public void changedProtection(Cpu cpu, PageTable pageTable, long mm) {
        // Nothing.
    }
}
