package kemu.mm.fault;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Tags;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.mem.PhysMem;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.rmap.PageRmap;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/** do_anonymous_page: first touch of anonymous memory. Source: Linux 2.6.36 mm/memory.c. */
final class AnonFault {
    private static final int ZERO_TAG = Tags.tag("fault_zero");
    private static final int ANON_TAG = Tags.tag("fault_anon");

    private final PageTable pageTable;
    private final PageAllocator pages;
    private final AnonVmas anonVmas;
    private final PageRmap pageRmap;
    private final long zeroFrame;

    AnonFault(Machine machine, PageAllocator pages, PageTable pageTable, AnonVmas anonVmas, PageRmap pageRmap) {
        this.pageTable = pageTable;
        this.pages = pages;
        this.anonVmas = anonVmas;
        this.pageRmap = pageRmap;
        Cpu boot = machine.bootCpu();
        long zeroPage = pages.allocPages(boot, Gfp.NOWAIT | Gfp.ZERO, 0);
        if (zeroPage == Cpu.NULL) {
            throw new IllegalStateException("memory is too small to boot: no room for the zero page");
        }
        // Its ptes are not counted, so it must never be freed.
        Page.FLAGS.set(boot, zeroPage, Page.PG_RESERVED);
        zeroFrame = pages.frameOf(zeroPage);
        machine.memory().symbols().region(zeroFrame, PhysMem.PAGE_SIZE, "empty_zero_page");
    }

    /** Frame of the zero page. */
    long zeroFrame() {
        return zeroFrame;
    }

    /** A read maps the zero page: no memory, no anon_vma. */
    int serveRead(Cpu cpu, @Ref(VmArea.class) long vma, long address, long pte, long start) {
        long lock = pageTable.lockOf(cpu, pte);
        SpinLock.lock(cpu, lock);
        if (cpu.readOnce64(pte) == 0) {
            cpu.writeOnce64(pte, Pte.make(zeroFrame, Pte.ACCESSED | Pte.SPECIAL));
        }
        SpinLock.unlock(cpu, lock);
        cpu.recordSince(ZERO_TAG, start);
        return Faults.MINOR;
    }

    /** A write maps a page of its own, filled with zero bytes. */
    int serveWrite(Cpu cpu, @Ref(VmArea.class) long vma, long address, long pte, long start) {
        if (anonVmas.anonVmaPrepare(cpu, vma) != 0) {
            return Faults.OOM;
        }
        long page = pages.allocPages(cpu, Gfp.USER | Gfp.ZERO, 0);
        if (page == Cpu.NULL) {
            return Faults.OOM;
        }
        long lock = pageTable.lockOf(cpu, pte);
        SpinLock.lock(cpu, lock);
        boolean mine = cpu.readOnce64(pte) == 0;
        if (mine) {
            MmStruct.ANON_RSS.add(cpu, VmArea.VM_MM.get(cpu, vma), 1);
            pageRmap.pageAddNewAnonRmap(cpu, page, vma, address);
            long value = Pte.make(pages.frameOf(page), Pte.RW | Pte.DIRTY | Pte.ACCESSED);
            cpu.storeRelease64(pte, value, FaultBarriers.SET_PTE);
        }
        SpinLock.unlock(cpu, lock);
        if (!mine) {
            pages.putPage(cpu, page);
        }
        cpu.recordSince(ANON_TAG, start);
        return Faults.MINOR;
    }
}
