package kemu.mm.fault;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.MergedPages;
import kemu.mm.rmap.PageRmap;
import kemu.mm.swap.Swap;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.vma.SpeculativeRules;

/**
 * do_swap_page in a speculative fault: maps a page that is in the swap cache. One that is not is left to the usual way:
 * readahead would go by the bounds of a VMA that may be split meanwhile (patch 23). v12 reads it all the same, past the
 * swap cache, from a device that is as fast as memory (SWP_SYNCHRONOUS_IO); kemu's swap area is none.
 *
 * <p>The page lock is waited for with nothing but a reference to the VMA. The pte lock comes after it, and with it the
 * look whether the VMA is still the same: mprotect leaves swap entries alone, so that the pte is the same says nothing
 * of the right to write.
 *
 * <p>Source: [PATCH v12 00/31] Speculative page faults, patches 5, 7, 17, 22 and 23, mm/memory.c.
 */
final class SpeculativeSwapIn {
    private final PageLock pageLock;
    private final PageAllocator pages;
    private final Swap swap;
    private final PageRmap pageRmap;
    private final PteMapLock pteMapLock;
    private final SpeculativeCopy copies;
    private final SpeculativeRules rules;
    /** Null: there are no KSM pages. */
    private final MergedFaults merged;

    SpeculativeSwapIn(
            PageLock pageLock,
            PageAllocator pages,
            Swap swap,
            PageRmap pageRmap,
            PteMapLock pteMapLock,
            SpeculativeCopy copies,
            SpeculativeRules rules,
            MergedFaults merged) {
        this.merged = merged;
        this.pageLock = pageLock;
        this.pages = pages;
        this.swap = swap;
        this.pageRmap = pageRmap;
        this.pteMapLock = pteMapLock;
        this.copies = copies;
        this.rules = rules;
    }

    /**
     * Serves an access to the pte of {@code address} in {@code table}, which held the swap pte {@code seen}. Context:
     * no locks held, may sleep.
     */
    int serve(
            Cpu cpu,
            @Ref(MmStruct.class) long mm,
            @Ref(VmArea.class) long vma,
            long address,
            long table,
            long seen,
            boolean write,
            int sequence) {
        long entry = Pte.swapEntry(seen);
        long page = swap.lookup(cpu, entry);
        if (page == Cpu.NULL) {
            return Faults.RETRY;
        }
        pageLock.lock(cpu, page);
        long state = Page.FLAGS.readOnce(cpu, page);
        // It may have left the swap cache while we waited, and even be there again for another entry.
        if ((state & Page.PG_SWAPCACHE) == 0 || Page.PRIVATE.get(cpu, page) != entry) {
            return giveUp(cpu, page, Faults.MINOR);
        }
        if ((state & Page.PG_HWPOISON) != 0 || merged != null && needsMore(cpu, page, vma, address)) {
            return giveUp(cpu, page, Faults.RETRY);
        }
        // As the VMA was before the last look at its sequence: it may change while the pte is locked.
        boolean mlocked = (VmArea.VM_FLAGS.readOnce(cpu, vma) & VmArea.VM_LOCKED) != 0;
        long index = PageRmap.indexOf(cpu, vma, address);
        long anonVma = VmArea.ANON_VMA.readOnce(cpu, vma);
        long lock = pteMapLock.lock(cpu, mm, vma, address, table, sequence, rules.checksSwapIn());
        if (lock == Cpu.NULL) {
            return giveUp(cpu, page, Faults.RETRY);
        }
        long pte = PageTable.pteIn(table, address);
        if (cpu.readOnce64(pte) != seen) {
            SpinLock.unlock(cpu, lock);
            return giveUp(cpu, page, Faults.MINOR);
        }
        MmStruct.ANON_RSS.add(cpu, mm, 1);
        MmStruct.SWAPENTS.add(cpu, mm, -1);
        boolean exclusive = write && swap.reuse(cpu, page);
        long flags = exclusive ? Pte.RW | Pte.DIRTY | Pte.ACCESSED : Pte.ACCESSED;
        long value = Pte.make(pages.frameOf(page), flags);
        cpu.storeRelease64(pte, value, FaultBarriers.SET_PTE);
        pageRmap.pageAddAnonRmap(cpu, page, vma, index, anonVma, exclusive);
        pageRmap.mlockIfLocked(cpu, page, mlocked);
        swap.free(cpu, entry);
        if (mlocked || swap.full(cpu)) {
            swap.tryToFree(cpu, page);
        }
        // Under the pte lock: the pte has our reference, and madvise may empty it as soon as the lock is free.
        pageLock.unlock(cpu, page);
        SpinLock.unlock(cpu, lock);
        return write && !exclusive ? copies.serve(cpu, mm, vma, address, table, value, sequence) : Faults.MINOR;
    }

    /** True for a KSM page, and for one that has to be copied: both are seldom. Context: page lock. */
    private boolean needsMore(Cpu cpu, long page, long vma, long address) {
        return MergedPages.isMerged(cpu, page) || merged.needsCopy(cpu, page, vma, address);
    }

    /** The page is not mapped; {@code code}. Context: page lock and a reference, both dropped here. */
    private int giveUp(Cpu cpu, long page, int code) {
        pageLock.unlock(cpu, page);
        pages.putPage(cpu, page);
        return code;
    }
}
