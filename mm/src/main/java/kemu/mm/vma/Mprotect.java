package kemu.mm.vma;

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
final class Mprotect extends VmaModify {
    /** What mprotect may change. */
    static final long RIGHTS = VmArea.VM_READ | VmArea.VM_WRITE | VmArea.VM_EXEC;

    private final Machine machine;
    private final PageTable pageTable;
    private final VmaLookup lookup;

    Mprotect(Machine machine, PageTable pageTable, VmaAdjust vmas, VmaMerge merges, VmaLookup lookup) {
        super(vmas, merges);
        this.machine = machine;
        this.pageTable = pageTable;
        this.lookup = lookup;
    }

    /**
     * Gives [start, end), page-aligned, the {@link #RIGHTS} {@code rights}; 0, or -ENOMEM after a hole or no memory.
     */
    int protect(Cpu cpu, @Ref(MmStruct.class) long mm, long start, long end, long rights) {
        return change(cpu, mm, start, end, rights);
    }

    /** mprotect_fixup. */
    @Override
    int fixup(Cpu cpu, @Ref(MmStruct.class) long mm, @Ref(VmArea.class) long vma, long start, long end, long rights) {
        long oldFlags = VmArea.VM_FLAGS.get(cpu, vma);
        long flags = oldFlags & ~RIGHTS | rights;
        if (flags == oldFlags) {
            return 0;
        }
        long changed = modify(cpu, mm, vma, start, end, flags);
        if (changed == Cpu.NULL) {
            return Errno.ENOMEM;
        }
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
                if (Pte.isWriteMigration(value)) {
                    cpu.writeOnce64(pte, Pte.migrationRead(value));
                }
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
