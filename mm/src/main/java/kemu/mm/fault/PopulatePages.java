package kemu.mm.fault;

import static kemu.hw.mem.PhysMem.PAGE_SIZE;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Sched;
import kemu.mm.mlock.Mlocking;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.mm.vma.Population;

/**
 * __mlock_vma_pages_range: get_user_pages for mlock(), a page at a time. Source: Linux 2.6.36 mm/mlock.c, which pins 16
 * pages and then mlocks them; here each is mlocked before the next is pinned.
 */
public final class PopulatePages implements Population {
    private final Sched sched;
    private final PageTable pageTable;
    private final PageAllocator pages;
    private final Lru lru;
    private final PageLock pageLock;
    private final Mlocking mlocking;
    private final Faults faults;

    /** Boot only. */
    public PopulatePages(
            Sched sched,
            PageTable pageTable,
            PageAllocator pages,
            Lru lru,
            PageLock pageLock,
            Mlocking mlocking,
            Faults faults) {
        this.sched = sched;
        this.pageTable = pageTable;
        this.pages = pages;
        this.lru = lru;
        this.pageLock = pageLock;
        this.mlocking = mlocking;
        this.faults = faults;
    }

    @Override
    public int mlockPages(Cpu cpu, @Ref(VmArea.class) long vma, long start, long end) {
        lru.drain(cpu);
        for (long at = start; at < end; at += PAGE_SIZE) {
            int error = mlockPage(cpu, vma, at);
            if (error != 0) {
                return error;
            }
            sched.condResched(cpu);
        }
        return 0;
    }

    private int mlockPage(Cpu cpu, long vma, long address) {
        long flags = VmArea.VM_FLAGS.get(cpu, vma);
        // Copies are made now, so that no later write of the process needs memory; not of what all processes share.
        boolean write = (flags & (VmArea.VM_WRITE | VmArea.VM_SHARED)) == VmArea.VM_WRITE;
        // Ends: a page that is faulted in is there, unless reclaim was faster, which needs a second look to take it.
        while (true) {
            long page = followPage(cpu, vma, address, write);
            if (page == MISSING) {
                int code = faults.handleLocked(cpu, vma, address, write);
                if (code < 0) {
                    return code == Faults.OOM ? Errno.ENOMEM : Errno.EFAULT;
                }
                continue;
            }
            if (page != Cpu.NULL) {
                lru.drain(cpu);
                pageLock.lock(cpu, page);
                mlocking.mlockPinned(cpu, page);
                pageLock.unlock(cpu, page);
                pages.putPage(cpu, page);
            }
            return 0;
        }
    }

    private static final long MISSING = -1;

    /** follow_page: the page with a reference; NULL if that is all, {@link #MISSING} if it takes a fault. */
    private long followPage(Cpu cpu, long vma, long address, boolean write) {
        long pte = pageTable.find(cpu, VmArea.VM_MM.get(cpu, vma), address);
        if (pte == Cpu.NULL) {
            return MISSING;
        }
        long lock = pageTable.lockOf(cpu, pte);
        SpinLock.lock(cpu, lock);
        long value = cpu.readOnce64(pte);
        long page = MISSING;
        if (Pte.present(value) && (!write || (value & Pte.RW) != 0)) {
            page = Cpu.NULL;
            if ((value & Pte.SPECIAL) == 0 && !mlocking.followsMappings()) {
                long mapped = pages.pageOf(Pte.frame(value));
                if (!mlocking.mlockMapped(cpu, mapped)) {
                    Page.get(cpu, mapped);
                    page = mapped;
                }
            }
        }
        SpinLock.unlock(cpu, lock);
        return page;
    }
}
