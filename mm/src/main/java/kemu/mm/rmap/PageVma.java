package kemu.mm.rmap;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * Whether a VMA maps a page, and by which pte: what every walk asks of each VMA it meets. Source: Linux 2.6.36
 * mm/rmap.c; later page_vma_mapped_walk().
 */
public final class PageVma {

    private final PageTable pageTable;
    private final PageAllocator pages;

    /** Boot only. */
    public PageVma(PageTable pageTable, PageAllocator pages) {
        this.pageTable = pageTable;
        this.pages = pages;
    }

    /**
     * vma_address: where {@code vma} would map the page, or -EFAULT. Context: the lock of the list the VMA was found
     * on.
     */
    public static long vmaAddress(Cpu cpu, @Ref(Page.class) long page, @Ref(VmArea.class) long vma) {
        long start = VmArea.VM_START.readOnce(cpu, vma);
        long offset = Page.INDEX.readOnce(cpu, page) - VmArea.VM_PGOFF.readOnce(cpu, vma);
        long address = start + (offset << PAGE_SHIFT);
        return offset < 0 || address >= VmArea.VM_END.readOnce(cpu, vma) ? Errno.EFAULT : address;
    }

    /**
     * page_check_address: the pte, or PMD, that maps the page at {@code address}, its table locked
     * ({@link PageTable#lockOf}), or NULL with nothing locked.
     */
    public long pageCheckAddress(Cpu cpu, @Ref(Page.class) long page, @Ref(MmStruct.class) long mm, long address) {
        long pte = findEntry(cpu, mm, address);
        return pte == Cpu.NULL || !Pte.present(cpu.readOnce64(pte)) ? Cpu.NULL : lockIfMaps(cpu, page, pte);
    }

    /** The pte, or the PMD if a huge page is mapped, which has the same bits and a lock in the same place. */
    private long findEntry(Cpu cpu, long mm, long address) {
        long pte = pageTable.find(cpu, mm, address);
        return pte == Cpu.NULL ? pageTable.findHuge(cpu, mm, address) : pte;
    }

    /**
     * The same for walks that must find every pte: it is looked at with its lock held only. mremap has one in hand
     * while it holds the locks of both its places, which are empty.
     */
    public long pageCheckAddressSync(Cpu cpu, @Ref(Page.class) long page, @Ref(MmStruct.class) long mm, long address) {
        long pte = pageTable.find(cpu, mm, address);
        return pte == Cpu.NULL ? Cpu.NULL : lockIfMaps(cpu, page, pte);
    }

    private long lockIfMaps(Cpu cpu, long page, long pte) {
        long lock = pageTable.lockOf(cpu, pte);
        SpinLock.lock(cpu, lock);
        long value = cpu.readOnce64(pte);
        if (Pte.present(value) && (value & Pte.SPECIAL) == 0 && Pte.frame(value) == pages.frameOf(page)) {
            return pte;
        }
        SpinLock.unlock(cpu, lock);
        return Cpu.NULL;
    }
}
