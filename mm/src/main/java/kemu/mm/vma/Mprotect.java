package kemu.mm.vma;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.order.Order;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Sched;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * mprotect: changes the rights of a range, splitting and merging VMAs as needed.
 *
 * <p>Ptes only ever lose the right to write here; the next write faults, and copies or marks dirty as it must. Context:
 * mmap_sem (W), may sleep. Source: Linux 2.6.36 mm/mprotect.c.
 */
final class Mprotect {
    /** What mprotect may change. */
    static final long RIGHTS = VmArea.VM_READ | VmArea.VM_WRITE | VmArea.VM_EXEC;

    private final Machine machine;
    private final PageTable pageTable;
    private final VmaAdjust vmas;
    private final VmaMerge merges;
    private final VmaLookup lookup;

    Mprotect(Machine machine, PageTable pageTable, VmaAdjust vmas, VmaMerge merges, VmaLookup lookup) {
        this.machine = machine;
        this.pageTable = pageTable;
        this.vmas = vmas;
        this.merges = merges;
        this.lookup = lookup;
    }

    /**
     * Gives [start, end), page-aligned, the {@link #RIGHTS} {@code rights}; 0, or -ENOMEM after a hole or no memory.
     */
    int protect(Cpu cpu, @Ref(MmStruct.class) long mm, long start, long end, long rights) {
        long at = start;
        // Ends: every round moves past one VMA, or returns.
        while (at < end) {
            long vma = VmaTree.find(cpu, mm, at);
            if (vma == Cpu.NULL || VmArea.VM_START.get(cpu, vma) > at) {
                return Errno.ENOMEM;
            }
            long to = Math.min(end, VmArea.VM_END.get(cpu, vma));
            int error = fixup(cpu, mm, vma, at, to, rights);
            if (error != 0) {
                return error;
            }
            at = to;
        }
        return 0;
    }

    /** mprotect_fixup: [start, end) lies in {@code vma}. */
    private int fixup(Cpu cpu, long mm, long vma, long start, long end, long rights) {
        long oldFlags = VmArea.VM_FLAGS.get(cpu, vma);
        long flags = oldFlags & ~RIGHTS | rights;
        if (flags == oldFlags) {
            return 0;
        }
        long pgoff = VmArea.VM_PGOFF.get(cpu, vma) + (start - VmArea.VM_START.get(cpu, vma) >> PAGE_SHIFT);
        long prev = VmArea.VM_START.get(cpu, vma) < start ? vma : VmArea.VM_PREV.get(cpu, vma);
        long changed = merges.merge(
                cpu, mm, prev, start, end, flags, VmArea.ANON_VMA.get(cpu, vma), VmArea.VM_FILE.get(cpu, vma), pgoff);
        if (changed == Cpu.NULL) {
            if (start != VmArea.VM_START.get(cpu, vma) && vmas.split(cpu, vma, start, true) != 0) {
                return Errno.ENOMEM;
            }
            if (end != VmArea.VM_END.get(cpu, vma) && vmas.split(cpu, vma, end, false) != 0) {
                return Errno.ENOMEM;
            }
            changed = vma;
        }
        // Also after a merge: in case 8 it is this VMA that swallowed the next one.
        lookup.startWrite(cpu, changed);
        VmArea.VM_FLAGS.writeOnce(cpu, changed, flags);
        changeProtection(cpu, mm, start, end, (flags & RIGHTS) == 0);
        return 0;
    }

    /**
     * change_protection: write-protects all ptes of the range; with {@code none} bars every access, else lifts that.
     */
    private void changeProtection(Cpu cpu, long mm, long start, long end, boolean none) {
        long at = pageTable.nextPresent(cpu, mm, start, end);
        if (at == end) {
            return;
        }
        while (at < end) {
            long stop = PageTable.tableEnd(at, end);
            changeTable(cpu, pageTable.find(cpu, mm, at), stop - at, none);
            Sched.of(machine).condResched(cpu);
            at = pageTable.nextPresent(cpu, mm, stop, end);
        }
        pageTable.flushPoints().changedProtection(cpu, pageTable, mm);
    }

    private void changeTable(Cpu cpu, long first, long bytes, boolean none) {
        long lock = pageTable.lockOf(cpu, first);
        long last = first + (bytes >>> PageTable.PTE_SHIFT);
        SpinLock.lock(cpu, lock);
        for (long pte = first; pte < last; pte += Long.BYTES) {
            long value = cpu.readOnce64(pte);
            if (!Pte.present(value)) {
                continue;
            }
            long drop = Pte.RW | (none ? 0 : Pte.PROTNONE);
            if ((value & drop) != 0) {
                cpu.fetchAnd64(pte, ~drop, Order.FULL);
            }
            if (none && (value & Pte.PROTNONE) == 0) {
                cpu.fetchOr64(pte, Pte.PROTNONE, Order.FULL);
            }
        }
        SpinLock.unlock(cpu, lock);
    }
}
