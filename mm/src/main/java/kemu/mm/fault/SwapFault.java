package kemu.mm.fault;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Tags;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Gfp;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.MigrationEntries;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.PageRmap;
import kemu.mm.swap.FoundPageChecks;
import kemu.mm.swap.Swap;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/** do_swap_page: an access to a page that reclaim took away. Source: Linux 2.6.36 mm/memory.c. */
final class SwapFault {
    private static final int SWAPIN_TAG = Tags.tag("fault_swapin");

    private final VmStat vmStat;
    private final PageRmap pageRmap;
    private final PageTable pageTable;
    private final PageAllocator pages;
    private final PageLock pageLock;
    private final Swap swap;
    private final WriteProtectFault writeProtectFault;
    private final FoundPageChecks checks;
    private final Lru lru;
    /** Null: there are no KSM pages. */
    private final MergedFaults merged;
    /** Null: every page comes through the swap cache. */
    private final DirectSwapIn direct;

    SwapFault(
            VmStat vmStat,
            PageLock pageLock,
            PageAllocator pages,
            Swap swap,
            PageTable pageTable,
            PageRmap pageRmap,
            WriteProtectFault writeProtectFault,
            FoundPageChecks checks,
            Lru lru,
            MergedFaults merged,
            SlotPin pin) {
        direct = pin == null ? null : new DirectSwapIn(vmStat, pages, swap, pageTable, pageRmap, pin);
        this.checks = checks;
        this.lru = lru;
        this.merged = merged;
        this.vmStat = vmStat;
        this.pageRmap = pageRmap;
        this.writeProtectFault = writeProtectFault;
        this.pageTable = pageTable;
        this.pages = pages;
        this.pageLock = pageLock;
        this.swap = swap;
    }

    /** Serves an access to {@code pte}, which held the swap pte {@code seen}. Context: mmap_sem (R), may sleep. */
    int serve(Cpu cpu, @Ref(VmArea.class) long vma, long address, long pte, long seen, boolean write, long start) {
        if (Pte.isNonSwap(seen)) {
            return nonSwap(cpu, pte, seen);
        }
        long entry = Pte.swapEntry(seen);
        int code = Faults.MINOR;
        long page = swap.lookup(cpu, entry);
        if (page == Cpu.NULL) {
            if (direct != null && direct.takes(cpu, entry)) {
                return direct.serve(cpu, vma, address, pte, seen, write);
            }
            page = swap.readIn(cpu, entry);
            if (page == Cpu.NULL) {
                // Another thread was faster. The pte may be the same again, by a page that took the entry since.
                return Faults.MINOR;
            }
            if (page == Errno.ENOMEM) {
                return DirectSwapIn.changed(cpu, pageTable, pte, seen) ? Faults.MINOR : Faults.OOM;
            }
            code = Faults.MAJOR;
            vmStat.inc(cpu, VmStatItem.PGMAJFAULT);
        }
        pageLock.lock(cpu, page);
        // It may have left the swap cache while we waited, and even be there again for another entry.
        long flags = Page.FLAGS.readOnce(cpu, page);
        if (!checks.faults(cpu, page, flags, entry)) {
            pageLock.unlock(cpu, page);
            pages.putPage(cpu, page);
            return code;
        }
        if ((flags & Page.PG_HWPOISON) != 0) {
            giveUp(cpu, page);
            vmStat.incLate(cpu, VmStatItem.HWPOISON_FAULTS);
            return Faults.SIGBUS;
        }
        long cached = Cpu.NULL;
        if (merged != null && merged.needsCopy(cpu, page, vma, address)) {
            cached = page;
            page = copy(cpu, cached);
            if (page == Cpu.NULL) {
                giveUp(cpu, cached);
                return Faults.OOM;
            }
            if (!merged.keepsCachedLocked()) {
                giveUp(cpu, cached);
                cached = Cpu.NULL;
            }
        }
        long value = map(cpu, vma, address, pte, seen, page, write);
        if (value == 0) {
            giveUp(cpu, page);
        }
        if (cached != Cpu.NULL) {
            // Locked until here: the entry cannot be freed and used for another page before the pte is compared.
            giveUp(cpu, cached);
        }
        if (value == 0) {
            return code;
        }
        cpu.recordSince(SWAPIN_TAG, start);
        if (write && (value & Pte.RW) == 0) {
            int copied = writeProtectFault.serve(cpu, vma, address, pte, value, cpu.clock());
            return copied < 0 ? copied : code;
        }
        return code;
    }

    /** A page that moves, to be waited for, or one whose memory has failed. */
    private int nonSwap(Cpu cpu, long pte, long seen) {
        if (!Pte.isMigration(seen)) {
            vmStat.incLate(cpu, VmStatItem.HWPOISON_FAULTS);
            return Faults.SIGBUS;
        }
        MigrationEntries.wait(cpu, pages, pageTable, pageLock, pte);
        return Faults.MINOR;
    }

    private void giveUp(Cpu cpu, long page) {
        pageLock.unlock(cpu, page);
        pages.putPage(cpu, page);
    }

    /** ksm_does_need_to_copy: a page of the same contents, locked and in no cache; NULL if memory is out. */
    private long copy(Cpu cpu, long cached) {
        long page = pages.allocPages(cpu, Gfp.USER, 0);
        if (page == Cpu.NULL) {
            return Cpu.NULL;
        }
        cpu.copyFrame(pages.frameOf(page), pages.frameOf(cached));
        long flags = Page.FLAGS.get(cpu, page) | Page.PG_LOCKED | Page.PG_DIRTY | Page.PG_UPTODATE;
        Page.FLAGS.writeOnce(cpu, page, flags | Page.PG_SWAPBACKED);
        lru.add(cpu, page, true);
        vmStat.incLate(cpu, VmStatItem.KSM_SWPIN_COPY);
        return page;
    }

    /**
     * Maps the page, whose reference becomes the pte's; the new pte, or 0 if the old one changed meanwhile. A write by
     * the only owner takes the page out of the swap cache and may write at once. Context: page lock, dropped here if
     * the page is mapped.
     */
    private long map(Cpu cpu, long vma, long address, long pte, long seen, long page, boolean write) {
        long lock = pageTable.lockOf(cpu, pte);
        SpinLock.lock(cpu, lock);
        if (cpu.readOnce64(pte) != seen) {
            SpinLock.unlock(cpu, lock);
            return 0;
        }
        long mm = VmArea.VM_MM.get(cpu, vma);
        long entry = Pte.swapEntry(seen);
        MmStruct.ANON_RSS.add(cpu, mm, 1);
        MmStruct.SWAPENTS.add(cpu, mm, -1);
        boolean exclusive = write && (merged == null || merged.mayReuse(cpu, page)) && swap.reuse(cpu, page);
        long flags = exclusive ? Pte.RW | Pte.DIRTY | Pte.ACCESSED : Pte.ACCESSED;
        long value = Pte.make(pages.frameOf(page), flags);
        cpu.storeRelease64(pte, value, FaultBarriers.SET_PTE);
        // After the pte: a walker that finds the page mapped through another owner may look for it here in vain, no
        // more.
        pageRmap.pageAddAnonRmap(cpu, page, vma, address, exclusive);
        pageRmap.mlockIfLocked(cpu, page, vma);
        swap.free(cpu, entry);
        if (swap.full(cpu) || (VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_LOCKED) != 0) {
            swap.tryToFree(cpu, page);
        }
        // Under the pte lock: the pte has our reference, and madvise may empty it as soon as the lock is free.
        pageLock.unlock(cpu, page);
        SpinLock.unlock(cpu, lock);
        return value;
    }
}
