package kemu.mm.fault;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.cpu.Tags;
import kemu.hw.layout.Ref;
import kemu.hw.order.Order;
import kemu.kernel.locking.SpinLock;
import kemu.mm.file.PageCache;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.rmap.MergedPages;
import kemu.mm.rmap.PageRmap;
import kemu.mm.swap.Swap;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/**
 * do_wp_page: a write to a page that is mapped read-only. A sole owner gets the page itself, a shared file page becomes
 * writable and dirty, everybody else gets a copy. Source: Linux 2.6.36 mm/memory.c.
 */
final class WriteProtectFault {
    private static final int COPY_TAG = Tags.tag("fault_cow");
    private static final int REUSE_TAG = Tags.tag("fault_reuse");
    private static final int SHARED_WRITE_TAG = Tags.tag("fault_shared_write");

    private final VmStat vmStat;
    private final Swap swap;
    private final PageCache pageCache;
    private final AnonVmas anonVmas;
    private final PageRmap pageRmap;
    private final PageTable pageTable;
    private final PageAllocator pages;
    private final PageLock pageLock;
    /** Null: there are no KSM pages. */
    private final MergedFaults merged;

    WriteProtectFault(
            VmStat vmStat,
            PageLock pageLock,
            PageAllocator pages,
            Swap swap,
            PageTable pageTable,
            PageCache pageCache,
            AnonVmas anonVmas,
            PageRmap pageRmap,
            MergedFaults merged) {
        this.merged = merged;
        this.vmStat = vmStat;
        this.swap = swap;
        this.pageCache = pageCache;
        this.anonVmas = anonVmas;
        this.pageRmap = pageRmap;
        this.pageTable = pageTable;
        this.pages = pages;
        this.pageLock = pageLock;
    }

    /** Serves a write to {@code pte}, which held {@code seen}. Context: mmap_sem (R), may sleep. */
    int serve(Cpu cpu, @Ref(VmArea.class) long vma, long address, long pte, long seen, long start) {
        if ((seen & Pte.SPECIAL) != 0) {
            return copy(cpu, vma, address, pte, seen, Cpu.NULL, start);
        }
        long lock = pageTable.lockOf(cpu, pte);
        SpinLock.lock(cpu, lock);
        if (cpu.readOnce64(pte) != seen) {
            SpinLock.unlock(cpu, lock);
            return Faults.MINOR;
        }
        long old = pages.pageOf(Pte.frame(seen));
        if (merged != null && MergedPages.isMerged(cpu, old)) {
            // Never reused: others may be about to share it.
            vmStat.incLate(cpu, VmStatItem.COW_KSM);
        } else if (Page.isAnon(cpu, old)) {
            return serveAnon(cpu, vma, address, pte, seen, old, lock, start);
        }
        if ((VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_SHARED) != 0) {
            pageCache.setPageDirty(cpu, old);
            makeWritable(cpu, pte);
            SpinLock.unlock(cpu, lock);
            cpu.recordSince(SHARED_WRITE_TAG, start);
            return Faults.MINOR;
        }
        Page.get(cpu, old);
        SpinLock.unlock(cpu, lock);
        return copy(cpu, vma, address, pte, seen, old, start);
    }

    /** Reuses the page if nobody else has it, else copies it. Context: pte lock, dropped here. */
    private int serveAnon(Cpu cpu, long vma, long address, long pte, long seen, long old, long lock, long start) {
        if (!pageLock.tryLock(cpu, old)) {
            // Reclaim or another owner has it: wait without the pte lock, then see whether it is still about this page.
            Page.get(cpu, old);
            SpinLock.unlock(cpu, lock);
            pageLock.lock(cpu, old);
            SpinLock.lock(cpu, lock);
            if (cpu.readOnce64(pte) != seen) {
                SpinLock.unlock(cpu, lock);
                pageLock.unlock(cpu, old);
                pages.putPage(cpu, old);
                return Faults.MINOR;
            }
            // The pte's reference keeps the page.
            Page.COUNT.add(cpu, old, -1);
        }
        // While we waited for the lock it may have become a KSM page.
        if ((merged == null || merged.mayReuse(cpu, old)) && swap.reuse(cpu, old)) {
            pageRmap.pageMoveAnonRmap(cpu, old, vma, address);
            pageLock.unlock(cpu, old);
            makeWritable(cpu, pte);
            SpinLock.unlock(cpu, lock);
            vmStat.inc(cpu, VmStatItem.PGREUSE);
            cpu.recordSince(REUSE_TAG, start);
            return Faults.MINOR;
        }
        pageLock.unlock(cpu, old);
        Page.get(cpu, old);
        SpinLock.unlock(cpu, lock);
        return copy(cpu, vma, address, pte, seen, old, start);
    }

    /** ptep_set_access_flags: only adds rights, so nothing needs flushing. Context: pte lock. */
    static void makeWritable(Cpu cpu, long pte) {
        cpu.fetchOr64(pte, Pte.RW | Pte.DIRTY | Pte.ACCESSED, Order.RELAXED);
    }

    /** Maps a copy of {@code old} (NULL: of the zero page), on which the caller gives up a reference. */
    private int copy(Cpu cpu, long vma, long address, long pte, long seen, long old, long start) {
        long page = Cpu.NULL;
        if (anonVmas.anonVmaPrepare(cpu, vma) == 0) {
            page = pages.allocPages(cpu, old == Cpu.NULL ? Gfp.USER | Gfp.ZERO : Gfp.USER, 0);
        }
        if (page == Cpu.NULL) {
            pages.putIfAny(cpu, old);
            return Faults.OOM;
        }
        if (old != Cpu.NULL) {
            cpu.copyFrame(pages.frameOf(page), pages.frameOf(old));
            pageRmap.beforeCopy(cpu, old, vma);
        }
        long lock = pageTable.lockOf(cpu, pte);
        SpinLock.lock(cpu, lock);
        boolean mine = cpu.readOnce64(pte) == seen;
        if (mine) {
            replace(cpu, vma, address, pte, seen, old, page);
        }
        SpinLock.unlock(cpu, lock);
        if (mine) {
            // The old pte's reference.
            pages.putIfAny(cpu, old);
        } else {
            pages.putPage(cpu, page);
        }
        pages.putIfAny(cpu, old);
        cpu.recordSince(COPY_TAG, start);
        return Faults.MINOR;
    }

    /** Context: pte lock. */
    private void replace(Cpu cpu, long vma, long address, long pte, long seen, long old, long page) {
        long mm = VmArea.VM_MM.get(cpu, vma);
        if (old == Cpu.NULL) {
            MmStruct.ANON_RSS.add(cpu, mm, 1);
        } else if (Page.isAnon(cpu, old)) {
            cpu.tell(Event.FRAME_REPLACED, pages.frameOf(old), 0);
        } else {
            // Whoever maps the file shared may go on storing to its page.
            MmStruct.FILE_RSS.add(cpu, mm, -1);
            MmStruct.ANON_RSS.add(cpu, mm, 1);
        }
        // Cleared and flushed before the new page shows, so that no thread still reads the old one afterwards.
        cpu.xchg64(pte, 0, Order.FULL);
        pageTable.flushTlbPage(cpu, mm, address);
        pageRmap.pageAddNewAnonRmap(cpu, page, vma, address);
        long rights = (VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_WRITE) != 0 ? Pte.RW : seen & Pte.PROTNONE;
        long value = Pte.make(pages.frameOf(page), rights | Pte.DIRTY | Pte.ACCESSED);
        cpu.storeRelease64(pte, value, FaultBarriers.SET_PTE);
        if (old != Cpu.NULL) {
            // After the new pte is there: until then the old page counts as mapped here.
            pageRmap.pageRemoveRmap(cpu, old);
            pageRmap.munlockIfLocked(cpu, old, vma);
        }
    }
}
