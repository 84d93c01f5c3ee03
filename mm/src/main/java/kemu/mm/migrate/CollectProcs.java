package kemu.mm.migrate;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Page;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.PageTable;
import kemu.mm.rmap.PageVma;
import kemu.mm.rmap.RmapOne;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * collect_procs: counts the address spaces that lose a page. A VMA on the list need not map it: one of a child may have
 * its copy, one of a list gone stale never did. Source: Linux 2.6.36 mm/memory-failure.c, collect_procs_anon(), and
 * page_mapped_in_vma() of mm/rmap.c.
 */
final class CollectProcs implements RmapOne {
    private final VmStat vmStat;
    private final PageTable pageTable;
    private final PageVma pageVma;
    private final boolean unmappedToo;

    CollectProcs(VmStat vmStat, PageTable pageTable, PageVma pageVma, boolean unmappedToo) {
        this.vmStat = vmStat;
        this.pageTable = pageTable;
        this.pageVma = pageVma;
        this.unmappedToo = unmappedToo;
    }

    @Override
    public boolean visit(Cpu cpu, @Ref(Page.class) long page, @Ref(VmArea.class) long vma, long argument) {
        if (unmappedToo || isMappedIn(cpu, page, vma)) {
            vmStat.incLate(cpu, VmStatItem.HWPOISON_KILLED);
        }
        return true;
    }

    /** page_mapped_in_vma. */
    private boolean isMappedIn(Cpu cpu, long page, long vma) {
        long address = PageVma.vmaAddress(cpu, page, vma);
        long pte = address == Errno.EFAULT
                ? Cpu.NULL
                : pageVma.pageCheckAddress(cpu, page, VmArea.VM_MM.get(cpu, vma), address);
        if (pte != Cpu.NULL) {
            SpinLock.unlock(cpu, pageTable.lockOf(cpu, pte));
        }
        return pte != Cpu.NULL;
    }
}
