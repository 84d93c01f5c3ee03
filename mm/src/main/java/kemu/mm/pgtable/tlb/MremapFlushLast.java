package kemu.mm.pgtable.tlb;

import kemu.hw.cpu.Cpu;
import kemu.mm.pgtable.FlushPoints;
import kemu.mm.pgtable.PageTable;

/** mremap flushes when all is moved and unlocked. Linux 3.2 to 4.18; fixed by eb66ae030829, CVE-2018-18281. */
final class MremapFlushLast implements FlushPoints {
    @Override
    public void moved(Cpu cpu, PageTable pageTable, long mm) {
        // Comes too late, in movedAll().
    }

    @Override
    public void movedAll(Cpu cpu, PageTable pageTable, long mm) {
        pageTable.flushTlbMm(cpu, mm);
    }
}
