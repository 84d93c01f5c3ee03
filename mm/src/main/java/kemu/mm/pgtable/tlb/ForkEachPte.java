package kemu.mm.pgtable.tlb;

import kemu.hw.cpu.Cpu;
import kemu.mm.pgtable.FlushPoints;
import kemu.mm.pgtable.PageTable;

/** fork flushes after each pte, under its lock: nobody sees it write-protected and has an older entry. */
final class ForkEachPte implements FlushPoints {
    @Override
    public void copied(Cpu cpu, PageTable pageTable, long parent) {
        pageTable.flushTlbMm(cpu, parent);
    }
}
