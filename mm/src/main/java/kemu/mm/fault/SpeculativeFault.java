package kemu.mm.fault;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.order.Order;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Gfp;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStat;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.PageRmap;
import kemu.mm.swap.Swap;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.vma.SpeculativeLookup;
import kemu.mm.vma.SpeculativeRules;

/**
 * __handle_speculative_fault: a fault on anonymous memory without mmap_sem. What it cannot do it leaves to the usual
 * way ({@link Faults#RETRY}): file mappings, stacks, a VMA without anon_vma, missing page tables, pages that are to be
 * read from swap, pages that are being moved, KSM pages.
 *
 * <p>Why a page that it maps is unmapped again: if the VMA has not changed once the pte is locked, munmap has not yet
 * come to this pte, and will. Page tables stay while {@link FlushWindow} is open.
 *
 * <p>Source: [PATCH v12 00/31] Speculative page faults, patches 5, 6, 16, 17, 22 and 23, mm/memory.c.
 */
final class SpeculativeFault {
    private final PageAllocator pages;
    private final PageTable pageTable;
    private final PageRmap pageRmap;
    private final SpeculativeLookup lookup;
    private final SpeculativeRules rules;
    private final PteMapLock pteMapLock;
    private final SpeculativeCopy copies;
    private final SpeculativeSwapIn swapIns;
    private final long zeroFrame;

    SpeculativeFault(
            VmStat vmStat,
            PageLock pageLock,
            PageAllocator pages,
            Swap swap,
            PageTable pageTable,
            PageRmap pageRmap,
            SpeculativeLookup lookup,
            long zeroFrame,
            MergedFaults merged) {
        this.pages = pages;
        this.pageTable = pageTable;
        this.pageRmap = pageRmap;
        this.lookup = lookup;
        this.zeroFrame = zeroFrame;
        rules = lookup.rules();
        pteMapLock = new PteMapLock(pages, pageTable, lookup);
        copies = new SpeculativeCopy(
                vmStat, pageLock, pages, swap, pageTable, pageRmap, pteMapLock, rules, merged != null);
        swapIns = new SpeculativeSwapIn(pageLock, pages, swap, pageRmap, pteMapLock, copies, rules, merged);
    }

    /** A fault code; {@link Faults#RETRY} to do all of it with mmap_sem. Context: no locks held, may sleep. */
    int serve(Cpu cpu, @Ref(MmStruct.class) long mm, long address, boolean write, long start) {
        if (MmStruct.MM_USERS.readOnce(cpu, mm) == 1) {
            // Nobody else uses mmap_sem: it costs nothing.
            return Faults.RETRY;
        }
        long vma = lookup.findVmaRcu(cpu, mm, address);
        if (vma == Cpu.NULL) {
            return Faults.RETRY;
        }
        int code = serveIn(cpu, mm, vma, address, write, start);
        lookup.put(cpu, vma);
        if (code == Faults.MINOR) {
            cpu.recordSince(Faults.SPECULATIVE_TAG, start);
        }
        return code;
    }

    private int serveIn(Cpu cpu, long mm, long vma, long address, boolean write, long start) {
        int sequence = lookup.sequence(cpu, vma);
        long flags = VmArea.VM_FLAGS.readOnce(cpu, vma);
        if ((sequence & 1) != 0
                || VmArea.VM_FILE.readOnce(cpu, vma) != Cpu.NULL
                || VmArea.ANON_VMA.readOnce(cpu, vma) == Cpu.NULL
                || (flags & VmArea.VM_GROWSDOWN) != 0
                || address < VmArea.VM_START.readOnce(cpu, vma)
                || address >= VmArea.VM_END.readOnce(cpu, vma)) {
            return Faults.RETRY;
        }
        if (!Faults.allows(flags, write)) {
            return lookup.hasChanged(cpu, vma, sequence) ? Faults.RETRY : Faults.SIGSEGV;
        }
        if (!rules.samplesFirst()) {
            sequence = lookup.sequence(cpu, vma);
        }
        FlushWindow.open(cpu, mm);
        long table = pageTable.findTable(cpu, mm, address);
        long seen = table == Cpu.NULL ? 0 : cpu.readOnce64(PageTable.pteIn(table, address));
        FlushWindow.close(cpu);
        if (table == Cpu.NULL || rules.checksAfterBounds() && lookup.retry(cpu, vma, sequence)) {
            return Faults.RETRY;
        }
        return pteFault(cpu, mm, vma, address, table, seen, write, sequence, start);
    }

    /** handle_pte_fault. */
    private int pteFault(
            Cpu cpu, long mm, long vma, long address, long table, long seen, boolean write, int sequence, long start) {
        if (seen == 0) {
            return write
                    ? mapNewPage(cpu, mm, vma, address, table, sequence)
                    : mapZeroPage(cpu, mm, vma, address, table, sequence);
        }
        if (Pte.isNonSwap(seen)) {
            // A page that moves, or one whose memory has failed.
            return Faults.RETRY;
        }
        if (!Pte.present(seen)) {
            int code = swapIns.serve(cpu, mm, vma, address, table, seen, write, sequence);
            return recorded(cpu, Faults.SPECULATIVE_SWAPIN_TAG, code, start);
        }
        if (write && (seen & Pte.RW) == 0) {
            int code = copies.serve(cpu, mm, vma, address, table, seen, sequence);
            return recorded(cpu, Faults.SPECULATIVE_COW_TAG, code, start);
        }
        return makeYoung(cpu, mm, vma, address, table, seen, write, sequence);
    }

    private static int recorded(Cpu cpu, int tag, int code, long start) {
        if (code == Faults.MINOR) {
            cpu.recordSince(tag, start);
        }
        return code;
    }

    private int makeYoung(
            Cpu cpu, long mm, long vma, long address, long table, long seen, boolean write, int sequence) {
        long lock = pteMapLock.lock(cpu, mm, vma, address, table, sequence, true);
        if (lock == Cpu.NULL) {
            return Faults.RETRY;
        }
        long used = Pte.ACCESSED | (write ? Pte.DIRTY : 0);
        cpu.cmpxchg64(PageTable.pteIn(table, address), seen, seen | used, Order.RELAXED);
        SpinLock.unlock(cpu, lock);
        return Faults.MINOR;
    }

    private int mapZeroPage(Cpu cpu, long mm, long vma, long address, long table, int sequence) {
        long lock = pteMapLock.lock(cpu, mm, vma, address, table, sequence, true);
        if (lock == Cpu.NULL) {
            return Faults.RETRY;
        }
        long pte = PageTable.pteIn(table, address);
        if (cpu.readOnce64(pte) == 0) {
            cpu.writeOnce64(pte, Pte.make(zeroFrame, Pte.ACCESSED | Pte.SPECIAL));
        }
        SpinLock.unlock(cpu, lock);
        return Faults.MINOR;
    }

    private int mapNewPage(Cpu cpu, long mm, long vma, long address, long table, int sequence) {
        long page = pages.allocPages(cpu, Gfp.USER | Gfp.ZERO, 0);
        if (page == Cpu.NULL) {
            return Faults.OOM;
        }
        // As the VMA was before the last look at its sequence: it may change while the pte is locked.
        long flags = VmArea.VM_FLAGS.readOnce(cpu, vma);
        long index = PageRmap.indexOf(cpu, vma, address);
        long anonVma = VmArea.ANON_VMA.readOnce(cpu, vma);
        long lock = pteMapLock.lock(cpu, mm, vma, address, table, sequence, true);
        if (lock == Cpu.NULL) {
            pages.putPage(cpu, page);
            return Faults.RETRY;
        }
        if (!rules.copiesIndex()) {
            index = PageRmap.indexOf(cpu, vma, address);
        }
        long pte = PageTable.pteIn(table, address);
        boolean mine = cpu.readOnce64(pte) == 0;
        if (mine) {
            MmStruct.ANON_RSS.add(cpu, mm, 1);
            pageRmap.pageAddNewAnonRmap(cpu, page, vma, flags, index, anonVma);
            long value = Pte.make(pages.frameOf(page), Pte.RW | Pte.DIRTY | Pte.ACCESSED);
            cpu.storeRelease64(pte, value, FaultBarriers.SET_PTE);
        }
        SpinLock.unlock(cpu, lock);
        if (!mine) {
            pages.putPage(cpu, page);
        }
        return Faults.MINOR;
    }
}
