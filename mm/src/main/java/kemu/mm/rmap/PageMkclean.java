package kemu.mm.rmap;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.order.Order;
import kemu.kernel.locking.SpinLock;
import kemu.mm.file.AddressSpace;
import kemu.mm.page.Page;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.rcu.list.ListHead;

/**
 * page_mkclean: from here on a store to the page through a shared mapping faults, and so marks it dirty. Source: Linux
 * 2.6.36 mm/rmap.c.
 */
public final class PageMkclean {
    private final PageTable pageTable;
    private final PageVma pageVma;

    /** Boot only. */
    public PageMkclean(PageTable pageTable, PageVma pageVma) {
        this.pageTable = pageTable;
        this.pageVma = pageVma;
    }

    /** True if some pte said that the page was written to. Context: page lock; the page is the file's. */
    public boolean pageMkclean(Cpu cpu, @Ref(Page.class) long page) {
        long mapping = Page.MAPPING.readOnce(cpu, page);
        boolean dirty = false;
        SpinLock.lock(cpu, AddressSpace.I_MMAP_LOCK.of(mapping));
        long head = AddressSpace.I_MMAP.of(mapping);
        for (long at = ListHead.first(cpu, head); at != head; at = ListHead.next(cpu, at)) {
            long vma = VmArea.SHARED.containerOf(at);
            // Others map the file's page read-only.
            if ((VmArea.VM_FLAGS.readOnce(cpu, vma) & VmArea.VM_SHARED) != 0) {
                dirty |= cleanOne(cpu, page, vma);
            }
        }
        SpinLock.unlock(cpu, AddressSpace.I_MMAP_LOCK.of(mapping));
        return dirty;
    }

    /** page_mkclean_one. */
    private boolean cleanOne(Cpu cpu, long page, long vma) {
        long address = PageVma.vmaAddress(cpu, page, vma);
        long mm = VmArea.VM_MM.get(cpu, vma);
        long pte = address == Errno.EFAULT ? Cpu.NULL : pageVma.pageCheckAddress(cpu, page, mm, address);
        if (pte == Cpu.NULL) {
            return false;
        }
        long old = cpu.readOnce64(pte);
        if ((old & (Pte.RW | Pte.DIRTY)) != 0) {
            old = cpu.fetchAnd64(pte, ~(Pte.RW | Pte.DIRTY), Order.FULL);
            // Stores under way are over when it returns: what they stored is what is written.
            pageTable.flushTlbPage(cpu, mm, address);
        }
        SpinLock.unlock(cpu, pageTable.lockOf(cpu, pte));
        return (old & Pte.DIRTY) != 0;
    }
}
