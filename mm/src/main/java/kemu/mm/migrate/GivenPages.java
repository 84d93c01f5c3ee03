package kemu.mm.migrate;

import static kemu.hw.mem.PhysMem.PAGE_SIZE;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.task.RwSem;
import kemu.kernel.task.Sched;
import kemu.mm.page.Gfp;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.FollowPage;
import kemu.mm.pgtable.PageTable;
import kemu.mm.types.MmStruct;
import kemu.mm.uapi.Errno;

/** What a process asks for of pages that it names by their addresses: move_pages and madvise(MADV_HWPOISON). */
public final class GivenPages {
    private static final int PASSES = 10;
    /** Passes in which a page is left alone if it takes a wait. */
    private static final int PATIENT_PASSES = 3;

    private final Sched sched;
    private final VmStat vmStat;
    private final PageAllocator pages;
    private final Lru lru;
    private final PageTable pageTable;
    private final Migration migration;
    private final MemoryFailure memoryFailure;

    /** Boot only. */
    public GivenPages(
            Sched sched,
            VmStat vmStat,
            PageAllocator pages,
            Lru lru,
            PageTable pageTable,
            Migration migration,
            MemoryFailure memoryFailure) {
        this.sched = sched;
        this.vmStat = vmStat;
        this.pages = pages;
        this.lru = lru;
        this.pageTable = pageTable;
        this.migration = migration;
        this.memoryFailure = memoryFailure;
    }

    /**
     * move_pages with MPOL_MF_MOVE_ALL: moves the pages of [start, start + length), also those that others map, each to
     * another frame. How many were moved, or -ENOMEM. What is not in memory, is isolated by others or goes on being
     * used stays. There is one node, and so the kernel says where to.
     *
     * <p>Context: may sleep. Source: Linux 2.6.36 mm/migrate.c, do_move_page_to_node_array() and migrate_pages(), which
     * hold mmap_sem as well, and isolate all pages before they move one; here each is moved before the next is taken.
     */
    public int move(Cpu cpu, @Ref(MmStruct.class) long mm, long start, long length) {
        // migrate_prep: pages in pagevecs are on no list.
        lru.drainAll(cpu);
        int moved = 0;
        RwSem.downRead(cpu, MmStruct.MMAP_SEM.of(mm));
        for (long at = start; at < start + length && moved >= 0; at += PAGE_SIZE) {
            int one = moveOne(cpu, mm, at);
            moved = one < 0 ? one : moved + one;
            sched.condResched(cpu);
        }
        RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
        return moved;
    }

    /** 1 if the page at {@code address} was moved, 0 if it was not, or -ENOMEM. Context: mmap_sem (R). */
    private int moveOne(Cpu cpu, long mm, long address) {
        long page = FollowPage.get(cpu, pages, pageTable, mm, address);
        if (page == Cpu.NULL) {
            return 0;
        }
        boolean isolated = migration.isolate(cpu, page);
        pages.putPage(cpu, page);
        if (!isolated) {
            return 0;
        }
        for (int pass = 0; pass < PASSES; pass++) {
            long fresh = pages.allocPages(cpu, Gfp.USER, 0);
            if (fresh == Cpu.NULL) {
                migration.putback(cpu, page);
                return Errno.ENOMEM;
            }
            if (pass > 0) {
                vmStat.incLate(cpu, VmStatItem.PGMIGRATE_RETRY);
            }
            if (migration.unmapAndMove(cpu, page, fresh, pass >= PATIENT_PASSES) == 0) {
                return 1;
            }
            sched.condResched(cpu);
        }
        migration.putback(cpu, page);
        return 0;
    }

    /**
     * madvise(MADV_HWPOISON) of one page: its memory fails. 0 if nobody uses it any more, -EBUSY if somebody does, or
     * may, -EFAULT if it is not in memory, and -EINVAL if it is not anonymous: of that, a file would lose what was
     * written, without a word to anybody.
     *
     * <p>Context: may sleep. Source: Linux 2.6.36 mm/madvise.c, madvise_hwpoison(), which faults the page in.
     */
    public int fail(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        RwSem.downRead(cpu, MmStruct.MMAP_SEM.of(mm));
        long page = FollowPage.get(cpu, pages, pageTable, mm, address);
        RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
        if (page == Cpu.NULL) {
            return Errno.EFAULT;
        }
        int result = Page.isAnon(cpu, page) ? memoryFailure.memoryFailure(cpu, pages.pfnOf(page)) : Errno.EINVAL;
        pages.putPage(cpu, page);
        return result;
    }

    /**
     * unpoison_memory: the frame numbered {@code pfn} may be used again, if its failure was only asked for; true if it
     * had failed. Context: nobody maps it; may sleep. Source: Linux 2.6.36 mm/memory-failure.c.
     */
    public boolean unpoison(Cpu cpu, long pfn) {
        long page = pages.pageOfPfn(pfn);
        // The reference of the failure is there as long as the flag is.
        if (!Page.test(cpu, page, Page.PG_HWPOISON)) {
            return false;
        }
        Page.FLAGS.clearBits(cpu, page, Page.PG_HWPOISON);
        pages.putPage(cpu, page);
        return true;
    }
}
