package kemu.mm.fault;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.pgtable.PageTable;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.vma.SpeculativeLookup;
import kemu.mm.vma.SpeculativeRules;

/**
 * pte_map_lock and pte_spinlock of a speculative fault: the lock of a pte whose VMA and page table are those that the
 * fault began with. What a fault read of the VMA before is right then, and munmap has yet to come to the pte.
 *
 * <p>Source: [PATCH v12 00/31] Speculative page faults, patches 5, 6 and 22, mm/memory.c.
 */
final class PteMapLock {
    private final PageAllocator pages;
    private final PageTable pageTable;
    private final SpeculativeLookup lookup;
    private final SpeculativeRules rules;

    PteMapLock(PageAllocator pages, PageTable pageTable, SpeculativeLookup lookup) {
        this.pages = pages;
        this.pageTable = pageTable;
        this.lookup = lookup;
        rules = lookup.rules();
    }

    /**
     * The lock of the ptes in {@code table}, held, or NULL if {@code vma} has changed since {@code sequence} or has
     * another page table at {@code address}. It is only tried while the window is open: whoever holds it may wait for
     * all windows to close.
     *
     * @param checks false only for what is known to be bad: whether the VMA has changed is not looked at
     */
    @Ref(SpinLock.class)
    long lock(
            Cpu cpu,
            @Ref(MmStruct.class) long mm,
            @Ref(VmArea.class) long vma,
            long address,
            long table,
            int sequence,
            boolean checks) {
        long lock = pageTable.lockOf(cpu, table);
        // Ends: the holder of the lock lets go of it.
        while (true) {
            FlushWindow.open(cpu, mm);
            if (checks && changed(cpu, vma, sequence) || pageTable.findTable(cpu, mm, address) != table) {
                FlushWindow.close(cpu);
                return Cpu.NULL;
            }
            if (!rules.triesPteLock()) {
                SpinLock.lock(cpu, lock);
                break;
            }
            if (SpinLock.tryLock(cpu, lock)) {
                break;
            }
            waitForHolder(cpu, table, lock);
        }
        boolean changed = checks && changed(cpu, vma, sequence);
        if (changed) {
            // In the window: munmap may be past this table, and free it with its lock next.
            SpinLock.unlock(cpu, lock);
        }
        FlushWindow.close(cpu);
        return changed ? Cpu.NULL : lock;
    }

    /**
     * v12 spins until it gets the lock; this waits for the holder to go, and tries again. To queue would keep others,
     * who only try as well, from ever getting it. The reference keeps the lock, which lives in the table's page, for as
     * long: once the window is closed, munmap may free the table. Context: window, closed here.
     */
    private void waitForHolder(Cpu cpu, long table, long lock) {
        long page = pages.pageOf(table);
        Page.get(cpu, page);
        FlushWindow.close(cpu);
        SpinLock.unlockWait(cpu, lock);
        pageTable.putTablePage(cpu, page);
    }

    private boolean changed(Cpu cpu, long vma, int sequence) {
        return rules.checksUnderPteLock() && lookup.hasChanged(cpu, vma, sequence);
    }
}
