package kemu.mm.pgtable.tlb;

import kemu.hw.cpu.Cpu;
import kemu.mm.pgtable.FlushPoints;
import kemu.mm.pgtable.PageTable;

/** fork does not flush: threads of the parent go on writing to what the child has. A mutant. */
final class ForkNoFlush implements FlushPoints {
    @Override
    public void forked(Cpu cpu, PageTable pageTable, long parent) {
        // Nothing.
    }
}
