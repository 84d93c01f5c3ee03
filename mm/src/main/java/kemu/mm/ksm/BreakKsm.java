package kemu.mm.ksm;

import static kemu.hw.mem.PhysMem.PAGE_SIZE;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.task.RwSem;
import kemu.kernel.task.Sched;
import kemu.mm.fault.Faults;
import kemu.mm.page.PageAllocator;
import kemu.mm.rmap.MergedPages;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/** Undoes merging: has KSM pages copied, by the fault that a write would take. Source: Linux 2.6.36 mm/ksm.c. */
final class BreakKsm {
    private final Sched sched;
    private final KsmMemory memory;
    private final PageAllocator pages;
    private final Faults faults;
    private final ScannedPage scanned;

    /** Boot only. */
    BreakKsm(Sched sched, KsmMemory memory, PageAllocator pages, Faults faults, ScannedPage scanned) {
        this.sched = sched;
        this.memory = memory;
        this.pages = pages;
        this.faults = faults;
        this.scanned = scanned;
    }

    /** unmerge_ksm_pages: see {@link kemu.mm.vma.PageMerging#unmerge}. Context: mmap_sem, may sleep. */
    int unmerge(Cpu cpu, @Ref(VmArea.class) long vma, long start, long end) {
        for (long at = start; at < end; at += PAGE_SIZE) {
            if (ScannedPage.exits(cpu, VmArea.VM_MM.get(cpu, vma))) {
                return 0;
            }
            int error = breakKsm(cpu, vma, at);
            if (error != 0) {
                return error;
            }
        }
        return 0;
    }

    /** break_ksm: 0, or -ENOMEM with the KSM page still there. Context: mmap_sem, may sleep. */
    private int breakKsm(Cpu cpu, long vma, long address) {
        // Ends: a fault that does not fail copies the page, unless reclaim was faster, and then it is not there.
        while (true) {
            sched.condResched(cpu);
            long page = scanned.follow(cpu, VmArea.VM_MM.get(cpu, vma), address);
            if (page == Cpu.NULL) {
                return 0;
            }
            boolean merged = MergedPages.isMerged(cpu, page);
            pages.putPage(cpu, page);
            if (!merged) {
                return 0;
            }
            int code = faults.unshare(cpu, vma, address);
            if (code < 0) {
                return code == Faults.OOM ? Errno.ENOMEM : 0;
            }
        }
    }

    /** break_cow: what the item's address was merged with is given up, and so is its anon_vma. Context: no lock. */
    void breakCow(Cpu cpu, @Ref(RmapItem.class) long item) {
        long mm = RmapItem.MM.get(cpu, item);
        long address = RmapItem.address(cpu, item);
        memory.dropAnonVma(cpu, item);
        RwSem.downRead(cpu, MmStruct.MMAP_SEM.of(mm));
        long vma = scanned.vmaAt(cpu, mm, address);
        if (vma != Cpu.NULL) {
            // Out of memory: the page stays a KSM page without a node, and is tried again when it is scanned.
            breakKsm(cpu, vma, address);
        }
        RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
    }
}
