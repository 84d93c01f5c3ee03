package kemu.mm.fault;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.order.Order;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.RwSem;
import kemu.mm.file.PageCache;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.rmap.PageRmap;
import kemu.mm.swap.Swap;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.vma.Mms;

/**
 * handle_mm_fault: finds out what a fault is about and has it served. Source: Linux 2.6.36 arch/x86/mm/fault.c
 * do_page_fault(), mm/memory.c handle_pte_fault().
 */
public final class Faults {
    /** Served without I/O. */
    public static final int MINOR = 0;
    /** Served with I/O (swap-in, first read of a file page). */
    public static final int MAJOR = 4;
    /** No VMA, or the access is not allowed there. */
    public static final int SIGSEGV = -1;
    /** No memory. */
    public static final int OOM = -2;

    private static final long ANY_ACCESS = VmArea.VM_READ | VmArea.VM_WRITE | VmArea.VM_EXEC;

    private final VmStat vmStat;
    private final Mms mms;
    private final PageTable pageTable;
    private final StackGrowth stackGrowth;
    private final AnonFault anonFault;
    private final FileFault fileFault;
    private final WriteProtectFault writeProtectFault;
    private final SwapFault swapFault;

    /** Boot only. */
    public Faults(
            Machine machine,
            VmStat vmStat,
            PageLock pageLock,
            PageAllocator pages,
            Swap swap,
            PageTable pageTable,
            PageCache pageCache,
            AnonVmas anonVmas,
            PageRmap pageRmap,
            Mms mms) {
        this.vmStat = vmStat;
        this.mms = mms;
        this.pageTable = pageTable;
        stackGrowth = new StackGrowth(anonVmas);
        anonFault = new AnonFault(machine, pages, pageTable, anonVmas, pageRmap);
        fileFault = new FileFault(vmStat, pages, pageTable, pageCache, anonVmas, pageRmap);
        writeProtectFault =
                new WriteProtectFault(vmStat, pageLock, pages, swap, pageTable, pageCache, anonVmas, pageRmap);
        swapFault = new SwapFault(vmStat, pageLock, pages, swap, pageTable, pageRmap, writeProtectFault);
    }

    /**
     * Serves a fault of the current task at {@code address}: finds the VMA under mmap_sem (R) and maps a page. Returns
     * one of the codes; after {@link #MINOR} or {@link #MAJOR} the access is worth trying again. Context: no locks
     * held, may sleep.
     */
    public int handleMmFault(Cpu cpu, @Ref(MmStruct.class) long mm, long address, boolean write) {
        long start = cpu.clock();
        vmStat.inc(cpu, VmStatItem.PGFAULT);
        RwSem.downRead(cpu, MmStruct.MMAP_SEM.of(mm));
        int code = locked(cpu, mm, address, write, start);
        RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
        return code;
    }

    private int locked(Cpu cpu, long mm, long address, boolean write, long start) {
        long vma = mms.findVma(cpu, mm, address);
        if (vma == Cpu.NULL) {
            return SIGSEGV;
        }
        if (address < VmArea.VM_START.readOnce(cpu, vma)) {
            int code = stackGrowth.expandTo(cpu, vma, address);
            if (code != MINOR) {
                return code;
            }
        }
        if ((VmArea.VM_FLAGS.get(cpu, vma) & (write ? VmArea.VM_WRITE : ANY_ACCESS)) == 0) {
            return SIGSEGV;
        }
        long pte = pageTable.alloc(cpu, mm, address);
        return pte == Cpu.NULL ? OOM : pteFault(cpu, vma, address, pte, write, start);
    }

    /** handle_pte_fault. */
    private int pteFault(Cpu cpu, long vma, long address, long pte, boolean write, long start) {
        long seen = cpu.readOnce64(pte);
        if (Pte.present(seen)) {
            if (write && (seen & Pte.RW) == 0) {
                return writeProtectFault.serve(cpu, vma, address, pte, seen, start);
            }
            return makeYoung(cpu, pte, seen, write);
        }
        if (seen != 0) {
            return swapFault.serve(cpu, vma, address, pte, seen, write, start);
        }
        if (VmArea.VM_FILE.get(cpu, vma) != Cpu.NULL) {
            return fileFault.serve(cpu, vma, address, pte, write, start);
        }
        return write
                ? anonFault.serveWrite(cpu, vma, address, pte, start)
                : anonFault.serveRead(cpu, vma, address, pte, start);
    }

    /** Somebody else served the fault meanwhile. */
    private int makeYoung(Cpu cpu, long pte, long seen, boolean write) {
        long lock = pageTable.lockOf(cpu, pte);
        SpinLock.lock(cpu, lock);
        // If the pte changed the access finds out.
        cpu.cmpxchg64(pte, seen, seen | Pte.ACCESSED | (write ? Pte.DIRTY : 0), Order.RELAXED);
        SpinLock.unlock(cpu, lock);
        return MINOR;
    }
}
