package kemu.mm.fault;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Tags;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.order.Order;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.RwSem;
import kemu.mm.file.FilemapFault;
import kemu.mm.file.PageCache;
import kemu.mm.huge.HugePages;
import kemu.mm.page.Lru;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.rmap.PageRmap;
import kemu.mm.swap.FoundPageChecks;
import kemu.mm.swap.Swap;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.vma.Mms;
import kemu.mm.vma.SpeculativeLookup;
import kemu.mm.vma.VmaReadLock;

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
    /** The address is mapped, but lies beyond the end of the file. */
    public static final int SIGBUS = -4;
    /** VM_FAULT_RETRY: not served, as that takes mmap_sem. */
    public static final int RETRY = -3;

    /** Here, so that the series is known whichever lookup a kernel has. */
    static final int SPECULATIVE_TAG = Tags.tag("fault_speculative");

    /** Those of them that write to a page which is mapped read-only, and those that find a swap entry. */
    static final int SPECULATIVE_COW_TAG = Tags.tag("fault_speculative_cow");

    static final int SPECULATIVE_SWAPIN_TAG = Tags.tag("fault_speculative_swapin");

    private static final long ANY_ACCESS = VmArea.VM_READ | VmArea.VM_WRITE | VmArea.VM_EXEC;

    private final VmStat vmStat;
    private final Mms mms;
    private final PageTable pageTable;
    private final StackGrowth stackGrowth;
    private final AnonFault anonFault;
    private final FileFault fileFault;
    private final WriteProtectFault writeProtectFault;
    private final SwapFault swapFault;
    private final AnonVmas anonVmas;
    /** Null: every fault takes mmap_sem. */
    private final VmaReadLock vmaLocks;
    /** Null: there are no huge pages. */
    private final HugePages huge;
    /** Null: none is. */
    private final SpeculativeFault speculativeFault;

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
            Mms mms,
            FilemapFault filemapFault,
            FoundPageChecks swapChecks,
            Lru lru,
            MergedFaults merged,
            SlotPin slotPin,
            HugePages huge) {
        this.huge = huge;
        this.vmStat = vmStat;
        this.mms = mms;
        this.pageTable = pageTable;
        this.anonVmas = anonVmas;
        vmaLocks = mms.lookup() instanceof VmaReadLock locks ? locks : null;
        stackGrowth = StackGrowth.of(anonVmas, mms);
        anonFault = new AnonFault(machine, pages, pageTable, anonVmas, pageRmap);
        speculativeFault = mms.lookup() instanceof SpeculativeLookup spf
                ? new SpeculativeFault(
                        vmStat, pageLock, pages, swap, pageTable, pageRmap, spf, anonFault.zeroFrame(), merged)
                : null;
        fileFault = new FileFault(vmStat, pages, pageTable, pageCache, filemapFault, anonVmas, pageRmap);
        writeProtectFault =
                new WriteProtectFault(vmStat, pageLock, pages, swap, pageTable, pageCache, anonVmas, pageRmap, merged);
        swapFault = new SwapFault(
                vmStat,
                pageLock,
                pages,
                swap,
                pageTable,
                pageRmap,
                writeProtectFault,
                swapChecks,
                lru,
                merged,
                slotPin);
    }

    /**
     * Serves a fault of the current task at {@code address}: finds the VMA under mmap_sem (R) and maps a page. Returns
     * one of the codes; after {@link #MINOR} or {@link #MAJOR} the access is worth trying again. Context: no locks
     * held, may sleep.
     */
    public int handleMmFault(Cpu cpu, @Ref(MmStruct.class) long mm, long address, boolean write) {
        return handleMmFault(cpu, mm, address, write, cpu.clock());
    }

    /** The same for a fault that began at {@code start}, by the CPU's clock. */
    int handleMmFault(Cpu cpu, @Ref(MmStruct.class) long mm, long address, boolean write, long start) {
        vmStat.inc(cpu, VmStatItem.PGFAULT);
        int code = withoutMmapSem(cpu, mm, address, write, start);
        if (code != RETRY) {
            return code;
        }
        RwSem.downRead(cpu, MmStruct.MMAP_SEM.of(mm));
        code = locked(cpu, mm, address, write, start);
        RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
        return code == RETRY ? stackGrowth.underWriteLock(cpu, mm, address) : code;
    }

    /**
     * The part of {@link #handleMmFault} before mmap_sem: the code, or {@link #RETRY} if the fault is to be served with
     * mmap_sem. For scenarios of that part.
     */
    public int handleWithoutMmapSem(Cpu cpu, @Ref(MmStruct.class) long mm, long address, boolean write) {
        return withoutMmapSem(cpu, mm, address, write, cpu.clock());
    }

    /**
     * {@link #handleMmFault} as with FAULT_FLAG_RETRY_NOWAIT: {@link #RETRY} if it would have to wait for mmap_sem. For
     * scenarios in which waiting shows nothing.
     */
    public int handleNowait(Cpu cpu, @Ref(MmStruct.class) long mm, long address, boolean write) {
        long start = cpu.clock();
        int code = withoutMmapSem(cpu, mm, address, write, start);
        if (code == RETRY && RwSem.tryDownRead(cpu, MmStruct.MMAP_SEM.of(mm))) {
            code = locked(cpu, mm, address, write, start);
            RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
        }
        return code;
    }

    private int withoutMmapSem(Cpu cpu, long mm, long address, boolean write, long start) {
        if (vmaLocks != null) {
            return underVmaLock(cpu, mm, address, write, start);
        }
        if (speculativeFault == null) {
            return RETRY;
        }
        int code = speculativeFault.serve(cpu, mm, address, write, start);
        if (code != RETRY) {
            vmStat.incLate(cpu, VmStatItem.SPECULATIVE_PGFAULT);
        }
        return code;
    }

    /** Source: Linux 6.15 arch/x86/mm/fault.c, do_user_addr_fault(), the part before lock_mmap. */
    private int underVmaLock(Cpu cpu, long mm, long address, boolean write, long start) {
        long vma = vmaLocks.startRead(cpu, mm, address);
        if (vma == Cpu.NULL) {
            vmStat.incLate(cpu, VmStatItem.VMA_LOCK_ABORT);
            return RETRY;
        }
        boolean prepared = !write || vmaLocks.findsAnonVma() || anonVmaPrepare(cpu, mm, vma);
        int code = prepared ? inVma(cpu, mm, vma, address, write, start, false) : RETRY;
        vmaLocks.endRead(cpu, vma);
        vmStat.incLate(cpu, code == RETRY ? VmStatItem.VMA_LOCK_RETRY : VmStatItem.VMA_LOCK_SUCCESS);
        return code;
    }

    /**
     * __vmf_anon_prepare: to find a neighbour's anon_vma takes mmap_sem; false if that is not to be had at once.
     * Source: Linux 6.13 mm/memory.c.
     */
    private boolean anonVmaPrepare(Cpu cpu, long mm, long vma) {
        if ((VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_SHARED) != 0 || VmArea.ANON_VMA.acquire(cpu, vma) != Cpu.NULL) {
            return true;
        }
        if (!RwSem.tryDownRead(cpu, MmStruct.MMAP_SEM.of(mm))) {
            return false;
        }
        int error = anonVmas.anonVmaPrepare(cpu, vma);
        RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
        return error == 0;
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
        return inVma(cpu, mm, vma, address, write, start, true);
    }

    /** True if a VMA with these flags may be accessed so. */
    static boolean allows(long flags, boolean write) {
        return (flags & (write ? VmArea.VM_WRITE : ANY_ACCESS)) != 0;
    }

    /**
     * handle_mm_fault for get_user_pages: the fault of a call that found {@code vma} and holds mmap_sem. Returns one of
     * the codes. Context: mmap_sem, {@code address} lies in {@code vma}; may sleep.
     */
    public int handleLocked(Cpu cpu, @Ref(VmArea.class) long vma, long address, boolean write) {
        return inVma(cpu, VmArea.VM_MM.get(cpu, vma), vma, address, write, cpu.clock(), true);
    }

    /**
     * The fault of a write, also where the VMA allows none, by which a KSM page is given up: one of the codes. Source:
     * Linux 2.6.36 mm/ksm.c, break_ksm(), whose handle_mm_fault asks nobody for rights. Context: mmap_sem,
     * {@code address} lies in {@code vma}, whose page table is there; may sleep.
     */
    public int unshare(Cpu cpu, @Ref(VmArea.class) long vma, long address) {
        long pte = pageTable.find(cpu, VmArea.VM_MM.get(cpu, vma), address);
        long seen = cpu.readOnce64(pte);
        return Pte.present(seen) && (seen & Pte.RW) == 0
                ? writeProtectFault.serve(cpu, vma, address, pte, seen, cpu.clock())
                : MINOR;
    }

    /** Context: the VMA is locked, it or, with {@code mmLocked}, all of its mm; {@code address} lies in it. */
    private int inVma(Cpu cpu, long mm, long vma, long address, boolean write, long start, boolean mmLocked) {
        if (!allows(VmArea.VM_FLAGS.get(cpu, vma), write)) {
            return SIGSEGV;
        }
        int code = huge == null ? HugePages.SMALL : huge.fault(cpu, mm, vma, address, write, mmLocked);
        if (code != HugePages.SMALL) {
            return code == HugePages.SERVED ? MINOR : RETRY;
        }
        long pte = pageTable.alloc(cpu, mm, address);
        if (pte == PageTable.MAPS_HUGE) {
            // By another thread, meanwhile.
            return MINOR;
        }
        return pte == Cpu.NULL ? OOM : pteFault(cpu, vma, address, pte, write, start);
    }

    /**
     * The part of a fault that has found the swap pte {@code seen}, perhaps long ago. For scenarios of that part.
     * Context: may sleep.
     */
    public int handleSwapFault(Cpu cpu, @Ref(MmStruct.class) long mm, long address, long seen) {
        RwSem.downRead(cpu, MmStruct.MMAP_SEM.of(mm));
        long vma = mms.findVma(cpu, mm, address);
        int code = swapFault.serve(cpu, vma, address, pageTable.find(cpu, mm, address), seen, false, cpu.clock());
        RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
        return code;
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
