package kemu.mm.pgtable.tlb;

import kemu.hw.cpu.Cpu;
import kemu.mm.pgtable.FlushPoints;
import kemu.mm.pgtable.PageTable;

/** Unmapped pages are freed, and may be handed out again, before the flush. A mutant. */
final class FreeFirst implements FlushPoints {
    @Override
    public void freeing(Cpu cpu, PageTable pageTable, long mm) {
        // Comes too late, in freed().
    }

    @Override
    public void freed(Cpu cpu, PageTable pageTable, long mm) {
        pageTable.flushTlbMm(cpu, mm);
    }
}
