package kemu.mm.ksm;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.order.Order;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.PageRmap;
import kemu.mm.rmap.PageVma;
import kemu.mm.swap.Swap;
import kemu.mm.types.MmStruct;

/**
 * The two changes of a pte that merging is made of. The address is the one that was scanned, not worked out from the
 * page's number as in Linux (page_address_in_vma). Source: Linux 2.6.36 mm/ksm.c.
 */
final class WriteProtectPage {
    /** No pte that maps the page is write-protected now. */
    static final long NONE = 0;

    private final KsmRules rules;
    private final PageAllocator pages;
    private final Swap swap;
    private final PageTable pageTable;
    private final PageRmap pageRmap;
    private final PageVma pageVma;

    /** Boot only. */
    WriteProtectPage(
            KsmRules rules, PageAllocator pages, Swap swap, PageTable pageTable, PageRmap pageRmap, PageVma pageVma) {
        this.rules = rules;
        this.pages = pages;
        this.swap = swap;
        this.pageTable = pageTable;
        this.pageRmap = pageRmap;
        this.pageVma = pageVma;
    }

    /**
     * write_protect_page: takes the right to write from the pte that maps the page at {@code address}; the pte now, or
     * {@link #NONE} if it maps something else or somebody may write to the page's frame. Context: page lock, mmap_sem
     * (R).
     */
    long protect(Cpu cpu, @Ref(Page.class) long page, @Ref(MmStruct.class) long mm, long address) {
        long pte = pageVma.pageCheckAddress(cpu, page, mm, address);
        if (pte == Cpu.NULL) {
            return NONE;
        }
        long value = cpu.readOnce64(pte);
        if (rules.mustChange(value) && rules.writeProtects()) {
            value = clean(cpu, page, mm, address, pte);
        }
        SpinLock.unlock(cpu, pageTable.lockOf(cpu, pte));
        return value;
    }

    /** Context: pte lock. */
    private long clean(Cpu cpu, long page, long mm, long address, long pte) {
        boolean early = !rules.clearsBeforeCounting();
        boolean ours = early && rules.isOurs(cpu, page);
        // From here on nobody can get a reference by way of the pte, and who used it is done (ptep_clear_flush).
        long entry = cpu.xchg64(pte, 0, Order.FULL);
        pageTable.flushTlbPage(cpu, mm, address);
        if (!early) {
            ours = rules.isOurs(cpu, page);
        }
        if (!ours) {
            cpu.writeOnce64(pte, entry);
            return NONE;
        }
        long value = rules.protect(cpu, page, entry);
        cpu.writeOnce64(pte, value);
        return value;
    }

    /**
     * replace_page: maps {@code kpage}, a KSM page, where {@code page} is mapped by {@code seen}; false if the pte is
     * another one by now. Context: page lock of {@code page}, a reference on each, mmap_sem (R).
     */
    boolean replace(
            Cpu cpu,
            @Ref(Page.class) long page,
            @Ref(Page.class) long kpage,
            @Ref(MmStruct.class) long mm,
            long address,
            long seen) {
        long pte = pageTable.find(cpu, mm, address);
        if (pte == Cpu.NULL) {
            return false;
        }
        long lock = pageTable.lockOf(cpu, pte);
        SpinLock.lock(cpu, lock);
        long value = cpu.readOnce64(pte);
        boolean same = rules.comparesPte() ? value == seen : Pte.present(value) && (value & Pte.SPECIAL) == 0;
        if (!same) {
            SpinLock.unlock(cpu, lock);
            return false;
        }
        long old = pages.pageOf(Pte.frame(value));
        Page.get(cpu, kpage);
        pageRmap.pageAddMergedRmap(cpu, kpage);
        // Flushed before the other page shows, so that no thread still reads the old one afterwards.
        cpu.xchg64(pte, 0, Order.FULL);
        pageTable.flushTlbPage(cpu, mm, address);
        cpu.writeOnce64(pte, Pte.make(pages.frameOf(kpage), Pte.ACCESSED | value & Pte.PROTNONE));
        pageRmap.pageRemoveRmap(cpu, old);
        if (old == page && !Page.isMapped(cpu, old)) {
            swap.tryToFree(cpu, old);
        }
        pages.putPage(cpu, old);
        SpinLock.unlock(cpu, lock);
        return true;
    }
}
