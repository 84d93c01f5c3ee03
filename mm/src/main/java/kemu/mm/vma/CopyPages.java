package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.order.Order;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Sched;
import kemu.mm.huge.HugePages;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.pgtable.MigrationEntries;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.PageRmap;
import kemu.mm.swap.Swap;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * copy_page_range: gives a child the parent's pages, write-protected in both where a write must copy.
 *
 * <p>Context: mmap_sem (W) of both, the child's VMA already linked to its anon_vmas, so that no pte that is copied can
 * escape an rmap walk. The caller flushes the parent's TLB before it lets go of mmap_sem. Source: Linux 2.6.36
 * mm/memory.c.
 */
final class CopyPages {

    private final Machine machine;
    private final PageAllocator pages;
    private final Swap swap;
    private final PageTable pageTable;
    private final boolean flushesEach;
    private final PageRmap pageRmap;
    /** Null: there are no huge pages. */
    private final HugePages huge;

    CopyPages(Machine machine, PageAllocator pages, Swap swap, PageTable pageTable, PageRmap pageRmap, HugePages huge) {
        this.huge = huge;
        this.machine = machine;
        this.pages = pages;
        this.swap = swap;
        this.pageTable = pageTable;
        flushesEach = pageTable.flushPoints().atEachCopy();
        this.pageRmap = pageRmap;
    }

    /**
     * Copies the ptes of {@code vma}, a VMA of the parent; 0 or -ENOMEM with some ptes copied.
     *
     * @param alone true if no other task than the caller can access the parent's memory
     */
    int copy(
            Cpu cpu,
            @Ref(MmStruct.class) long child,
            @Ref(MmStruct.class) long parent,
            @Ref(VmArea.class) long vma,
            boolean alone) {
        // Without an anon_vma all its pages are the file's (or the zero page): faults find them again.
        if (VmArea.ANON_VMA.get(cpu, vma) == Cpu.NULL) {
            return 0;
        }
        boolean shared = (VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_SHARED) != 0;
        long end = VmArea.VM_END.get(cpu, vma);
        long at = pageTable.nextPresent(cpu, parent, VmArea.VM_START.get(cpu, vma), end);
        while (at < end) {
            long stop = PageTable.tableEnd(at, end);
            int copied = huge == null ? HugePages.SMALL : huge.copy(cpu, child, parent, at);
            long target = copied == HugePages.SMALL ? pageTable.alloc(cpu, child, at) : Cpu.NULL;
            if (copied == HugePages.SERVED) {
                at = pageTable.nextPresent(cpu, parent, stop, end);
                continue;
            }
            if (target == Cpu.NULL) {
                return Errno.ENOMEM;
            }
            copyTable(cpu, child, parent, target, pageTable.find(cpu, parent, at), stop - at, shared, alone);
            Sched.of(machine).condResched(cpu);
            at = pageTable.nextPresent(cpu, parent, stop, end);
        }
        return 0;
    }

    private void copyTable(
            Cpu cpu, long child, long parent, long to, long from, long bytes, boolean shared, boolean alone) {
        long last = from + (bytes >>> PageTable.PTE_SHIFT);
        long distance = to - from;
        int anon = 0;
        int file = 0;
        int swapped = 0;
        SpinLock.lock(cpu, pageTable.lockOf(cpu, to));
        // Parent after child everywhere, and nobody else has a child being forked.
        SpinLock.lockNested(cpu, pageTable.lockOf(cpu, from), 1);
        for (long pte = from; pte < last; pte += Long.BYTES) {
            long value = cpu.readOnce64(pte);
            if (value == 0) {
                continue;
            }
            if (Pte.isNonSwap(value)) {
                // What the page counts as, its copy counts as.
                int kind = copyNonSwap(cpu, pte, distance, value, shared);
                anon += kind == ANON ? 1 : 0;
                file += kind == FILE ? 1 : 0;
                continue;
            }
            if (!Pte.present(value)) {
                swap.duplicate(cpu, Pte.swapEntry(value));
                cpu.writeOnce64(pte + distance, value);
                swapped++;
                continue;
            }
            cpu.writeOnce64(pte + distance, forChild(cpu, pte, value, shared, alone));
            if (flushesEach) {
                pageTable.flushTlbMm(cpu, parent);
            }
            if ((value & Pte.SPECIAL) != 0) {
                continue;
            }
            long page = pages.pageOf(Pte.frame(value));
            Page.get(cpu, page);
            pageRmap.pageDupRmap(cpu, page);
            if (Page.isAnon(cpu, page)) {
                anon++;
            } else {
                file++;
            }
        }
        SpinLock.unlock(cpu, pageTable.lockOf(cpu, from));
        SpinLock.unlock(cpu, pageTable.lockOf(cpu, to));
        ZapPages.account(cpu, child, anon, file, swapped);
    }

    private static final int NEITHER = 0;
    private static final int ANON = 1;
    private static final int FILE = 2;

    /**
     * copy_one_pte, the part for migration entries: a copy that a write must make is made when the page is back.
     * Source: Linux 3.3, where the child counts the page; until 3.2 it did not.
     */
    private int copyNonSwap(Cpu cpu, long pte, long distance, long seen, boolean shared) {
        long value = seen;
        if (!shared && Pte.isWriteMigration(seen)) {
            value = Pte.migrationRead(seen);
            cpu.writeOnce64(pte, value);
        }
        if (!Pte.isMigration(seen)) {
            cpu.writeOnce64(pte + distance, value);
            return NEITHER;
        }
        long page = MigrationEntries.page(cpu, pages, seen);
        MigrationEntries.tellAdded(cpu, page);
        cpu.writeOnce64(pte + distance, value);
        return Page.isAnon(cpu, page) ? ANON : FILE;
    }

    /** The child's entry: old and, if a write must copy, read-only like the parent's from now on. */
    private static long forChild(Cpu cpu, long pte, long seen, boolean shared, boolean alone) {
        if (shared) {
            return seen & ~(Pte.ACCESSED | Pte.DIRTY);
        }
        if ((seen & Pte.RW) == 0) {
            return seen & ~Pte.ACCESSED;
        }
        if (alone) {
            cpu.writeOnce64(pte, seen & ~Pte.RW);
            return seen & ~(Pte.RW | Pte.ACCESSED);
        }
        long value = cpu.fetchAnd64(pte, ~Pte.RW, Order.FULL);
        return value & ~(Pte.RW | Pte.ACCESSED);
    }
}
