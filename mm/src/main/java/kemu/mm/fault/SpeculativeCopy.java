package kemu.mm.fault;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.layout.Ref;
import kemu.hw.order.Order;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.MergedPages;
import kemu.mm.rmap.PageRmap;
import kemu.mm.swap.Swap;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.vma.SpeculativeRules;

/**
 * do_wp_page and wp_page_copy in a speculative fault, on anonymous memory. As {@link WriteProtectFault}, but every time
 * the pte lock is taken the VMA must still be as it was, and what is asked of it was read before.
 *
 * <p>That the pte is the same is not enough: mprotect leaves a pte alone that is read-only already. And while fork
 * copies the VMA no copy may be made, since other CPUs may still write to the page through their TLBs: fork marks it as
 * changing until they are flushed (patch 18).
 *
 * <p>Source: [PATCH v12 00/31] Speculative page faults, patches 5, 6, 17, 18 and 22, mm/memory.c.
 */
final class SpeculativeCopy {
    private final VmStat vmStat;
    private final PageLock pageLock;
    private final PageAllocator pages;
    private final Swap swap;
    private final PageTable pageTable;
    private final PageRmap pageRmap;
    private final PteMapLock pteMapLock;
    private final SpeculativeRules rules;
    /** Whether there are KSM pages. */
    private final boolean merges;

    SpeculativeCopy(
            VmStat vmStat,
            PageLock pageLock,
            PageAllocator pages,
            Swap swap,
            PageTable pageTable,
            PageRmap pageRmap,
            PteMapLock pteMapLock,
            SpeculativeRules rules,
            boolean merges) {
        this.merges = merges;
        this.vmStat = vmStat;
        this.pageLock = pageLock;
        this.pages = pages;
        this.swap = swap;
        this.pageTable = pageTable;
        this.pageRmap = pageRmap;
        this.pteMapLock = pteMapLock;
        this.rules = rules;
    }

    /**
     * Serves a write to the pte of {@code address} in {@code table}, which held {@code seen}, present and read-only.
     * Context: no locks held, may sleep.
     */
    int serve(
            Cpu cpu,
            @Ref(MmStruct.class) long mm,
            @Ref(VmArea.class) long vma,
            long address,
            long table,
            long seen,
            int sequence) {
        if ((seen & Pte.SPECIAL) != 0) {
            return copy(cpu, mm, vma, address, table, seen, Cpu.NULL, sequence);
        }
        long index = PageRmap.indexOf(cpu, vma, address);
        long anonVma = VmArea.ANON_VMA.readOnce(cpu, vma);
        long lock = pteMapLock.lock(cpu, mm, vma, address, table, sequence, true);
        if (lock == Cpu.NULL) {
            return Faults.RETRY;
        }
        if (cpu.readOnce64(PageTable.pteIn(table, address)) != seen) {
            SpinLock.unlock(cpu, lock);
            return Faults.MINOR;
        }
        // The VMA has no file, so the page is anonymous.
        long old = pages.pageOf(Pte.frame(seen));
        if (pageLock.tryLock(cpu, old)) {
            return reuseOrCopy(cpu, mm, vma, address, table, seen, old, index, anonVma, lock, sequence);
        }
        // Reclaim or another owner has it: wait without the pte lock, then see whether it is still about this page.
        Page.get(cpu, old);
        SpinLock.unlock(cpu, lock);
        pageLock.lock(cpu, old);
        lock = pteMapLock.lock(cpu, mm, vma, address, table, sequence, rules.checksReuse());
        boolean same = lock != Cpu.NULL && cpu.readOnce64(PageTable.pteIn(table, address)) == seen;
        if (!same) {
            if (lock != Cpu.NULL) {
                SpinLock.unlock(cpu, lock);
            }
            pageLock.unlock(cpu, old);
            pages.putPage(cpu, old);
            return lock == Cpu.NULL ? Faults.RETRY : Faults.MINOR;
        }
        // The pte's reference keeps the page.
        Page.COUNT.add(cpu, old, -1);
        return reuseOrCopy(cpu, mm, vma, address, table, seen, old, index, anonVma, lock, sequence);
    }

    /** Reuses the page if nobody else has it, else copies it. Context: pte lock and page lock, both dropped here. */
    private int reuseOrCopy(
            Cpu cpu,
            long mm,
            long vma,
            long address,
            long table,
            long seen,
            long old,
            long index,
            long anonVma,
            long lock,
            int sequence) {
        if (merges && MergedPages.isMerged(cpu, old)) {
            // Never reused: others may be about to share it. The usual way copies it.
            pageLock.unlock(cpu, old);
            SpinLock.unlock(cpu, lock);
            return Faults.RETRY;
        }
        if (swap.reuse(cpu, old)) {
            pageRmap.pageMoveAnonRmap(cpu, old, vma, index, anonVma);
            pageLock.unlock(cpu, old);
            WriteProtectFault.makeWritable(cpu, PageTable.pteIn(table, address));
            SpinLock.unlock(cpu, lock);
            vmStat.inc(cpu, VmStatItem.PGREUSE);
            return Faults.MINOR;
        }
        pageLock.unlock(cpu, old);
        Page.get(cpu, old);
        SpinLock.unlock(cpu, lock);
        return copy(cpu, mm, vma, address, table, seen, old, sequence);
    }

    /** Maps a copy of {@code old} (NULL: of the zero page), on which the caller gives up a reference. */
    private int copy(Cpu cpu, long mm, long vma, long address, long table, long seen, long old, int sequence) {
        long page = pages.allocPages(cpu, old == Cpu.NULL ? Gfp.USER | Gfp.ZERO : Gfp.USER, 0);
        if (page == Cpu.NULL) {
            pages.putIfAny(cpu, old);
            return Faults.OOM;
        }
        // As the VMA was before the last look at its sequence: it may change while the pte is locked.
        long flags = VmArea.VM_FLAGS.readOnce(cpu, vma);
        long index = PageRmap.indexOf(cpu, vma, address);
        long anonVma = VmArea.ANON_VMA.readOnce(cpu, vma);
        if (old != Cpu.NULL) {
            cpu.copyFrame(pages.frameOf(page), pages.frameOf(old));
            pageRmap.beforeCopy(cpu, old, (flags & VmArea.VM_LOCKED) != 0);
        }
        long lock = pteMapLock.lock(cpu, mm, vma, address, table, sequence, rules.checksCopy());
        if (lock == Cpu.NULL) {
            pages.putPage(cpu, page);
            pages.putIfAny(cpu, old);
            return Faults.RETRY;
        }
        if (!rules.copiesIndex()) {
            index = PageRmap.indexOf(cpu, vma, address);
        }
        long pte = PageTable.pteIn(table, address);
        boolean mine = cpu.readOnce64(pte) == seen;
        if (mine) {
            if (old == Cpu.NULL) {
                MmStruct.ANON_RSS.add(cpu, mm, 1);
            } else {
                cpu.tell(Event.FRAME_REPLACED, pages.frameOf(old), 0);
            }
            // Cleared and flushed before the new page shows, so that no thread still reads the old one afterwards.
            cpu.xchg64(pte, 0, Order.FULL);
            pageTable.flushTlbPage(cpu, mm, address);
            pageRmap.pageAddNewAnonRmap(cpu, page, vma, flags, index, anonVma);
            long value = Pte.make(pages.frameOf(page), Pte.RW | Pte.DIRTY | Pte.ACCESSED);
            cpu.storeRelease64(pte, value, FaultBarriers.SET_PTE);
            if (old != Cpu.NULL) {
                // After the new pte is there: until then the old page counts as mapped here.
                pageRmap.pageRemoveRmap(cpu, old);
                pageRmap.munlockIfLocked(cpu, old, (flags & VmArea.VM_LOCKED) != 0);
            }
        }
        SpinLock.unlock(cpu, lock);
        if (mine) {
            // The old pte's reference.
            pages.putIfAny(cpu, old);
        } else {
            pages.putPage(cpu, page);
        }
        pages.putIfAny(cpu, old);
        return Faults.MINOR;
    }
}
