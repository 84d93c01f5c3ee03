package kemu.mm.vma;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.layout.Ref;
import kemu.hw.order.Order;
import kemu.kernel.locking.SpinLock;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/**
 * move_page_tables: takes the ptes of a range to another place of the same address space, for mremap, and for exec,
 * which moves its stack. The places may overlap if the pages move down.
 *
 * <p>Context: mmap_sem (W), may sleep. Source: Linux 2.6.36 mm/mremap.c.
 */
final class MovePageTables {
    private final PageTable pageTable;
    private final RmapLocks rmapLocks;

    MovePageTables(PageTable pageTable, AnonVmaLocking locking) {
        this.pageTable = pageTable;
        rmapLocks = new RmapLocks(locking);
    }

    /**
     * move_page_tables: moves the ptes of [from, from + length), which belong to {@code vma} or will, to {@code to};
     * how many bytes were moved, fewer than {@code length} if memory for tables is out.
     *
     * @param locks whether walks are kept out by the lock of the anon_vma of {@code vma}
     */
    long move(
            Cpu cpu,
            @Ref(MmStruct.class) long mm,
            @Ref(VmArea.class) long vma,
            long from,
            long to,
            long length,
            boolean locks) {
        cpu.tell(Event.MM_CHANGED, mm, 0);
        long file = VmArea.VM_FILE.get(cpu, vma);
        long anonVma = locks ? VmArea.ANON_VMA.get(cpu, vma) : Cpu.NULL;
        long end = from + length;
        long at = pageTable.nextPresent(cpu, mm, from, end);
        while (at < end) {
            long there = at - from + to;
            long stop = Math.min(PageTable.tableEnd(at, end), at + (PageTable.tableEnd(there, Long.MAX_VALUE) - there));
            long target = pageTable.alloc(cpu, mm, there);
            if (target == Cpu.NULL) {
                end = at;
                break;
            }
            long ptes = pageTable.find(cpu, mm, at);
            rmapLocks.lock(cpu, file, anonVma);
            if (file != Cpu.NULL) {
                FileLinks.passed(cpu, file);
            }
            movePtes(cpu, mm, ptes, target, (int) (stop - at >> PAGE_SHIFT));
            rmapLocks.unlock(cpu, file, anonVma);
            at = pageTable.nextPresent(cpu, mm, stop, end);
        }
        pageTable.flushPoints().movedAll(cpu, pageTable, mm);
        return end - from;
    }

    /**
     * move_ptes: a file walk under i_mmap_lock meets each page at one of its places, an anon walk that takes the pte
     * locks too, by {@link MoveOrder}; one that looks without them may miss a page, as walks of reclaim may.
     */
    private void movePtes(Cpu cpu, long mm, long from, long to, int count) {
        long source = pageTable.lockOf(cpu, from);
        long target = pageTable.lockOf(cpu, to);
        SpinLock.lock(cpu, source);
        if (target != source) {
            // Whoever takes two of an address space writes its mmap_sem.
            SpinLock.lockNested(cpu, target, 1);
        }
        boolean moved = false;
        for (int i = 0; i < count; i++) {
            long offset = (long) i * Long.BYTES;
            if (cpu.readOnce64(from + offset) != 0) {
                long value = cpu.xchg64(from + offset, 0, Order.FULL);
                cpu.writeOnce64(to + offset, value);
                moved |= Pte.present(value);
            }
        }
        if (moved) {
            pageTable.flushPoints().moved(cpu, pageTable, mm);
        }
        if (target != source) {
            SpinLock.unlock(cpu, target);
        }
        SpinLock.unlock(cpu, source);
    }
}
