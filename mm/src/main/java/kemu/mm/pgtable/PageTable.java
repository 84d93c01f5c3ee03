package kemu.mm.pgtable;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Area;
import kemu.hw.machine.Machine;
import kemu.hw.mem.PhysMem;
import kemu.hw.order.Barriers;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.slab.Failslab;
import kemu.mm.types.MmStruct;

/**
 * Four-level page tables of 512 entries, with one lock per lowest-level table. An upper entry is the frame address of
 * the table below, 0 for none; lowest-level entries are {@link Pte}s.
 *
 * <p>The lock of a lowest-level table lives in the struct page of its frame, over INDEX and PRIVATE, which table pages
 * do not use. Upper entries go from 0 to a table under page_table_lock and back to 0 only in
 * {@link MmuGather#freeRange}.
 *
 * <p>Source: Linux 2.6.36 mm/memory.c.
 */
public final class PageTable {
    /** Entries are 8 bytes: a byte of the lowest table stands for so many of address space, as a power of two. */
    public static final int PTE_SHIFT = PhysMem.PAGE_SHIFT - 3;

    static final int LEVEL_BITS = PhysMem.PAGE_SHIFT - 3;
    static final int PMD_SHIFT = PhysMem.PAGE_SHIFT + LEVEL_BITS;
    private static final int PUD_SHIFT = PMD_SHIFT + LEVEL_BITS;
    static final int PGD_SHIFT = PUD_SHIFT + LEVEL_BITS;
    /** Bytes mapped by one lowest-level table. */
    public static final long PMD_SIZE = 1L << PMD_SHIFT;
    /** Result of {@link #alloc}: there is no pte, since a huge page is mapped. */
    public static final long MAPS_HUGE = -1;
    /** First address above user space. */
    public static final long TASK_SIZE = (1L << 47) - PhysMem.PAGE_SIZE;

    private static final long PAGE_MASK = -PhysMem.PAGE_SIZE;
    private static final long INDEX_MASK = (1L << LEVEL_BITS) - 1;
    private static final LockClass PTE_LOCK = LockClass.of("pte_lock");
    /** Publishes a zeroed table with its lock; pairs with the dependent loads of {@link #find}. */
    static final int PUBLISH = Barriers.release("pgtable.PUBLISH");
    /** Orders the changed pte before the look at who is in a user access; pairs with the fence of the access. */
    private static final int FLUSH = Barriers.fence("pgtable.FLUSH");
    /** Orders what follows the flush after the user accesses it waited for. */
    private static final int ACCESS_DONE = Barriers.acquire("pgtable.ACCESS_DONE");

    private final Machine machine;
    private final PageAllocator pages;
    private final VmStat vmStat;
    private final FlushPoints flushPoints;
    private final boolean huge;
    private Failslab failures;
    /** Null: CPUs have none, every user access walks. */
    private final Tlb tlb;

    /** Tables from {@code pages}, with {@code huge} pages or without. Boot only. */
    public PageTable(Machine machine, PageAllocator pages, VmStat vmStat, TlbMode mode, boolean huge) {
        this.huge = huge;
        this.machine = machine;
        this.pages = pages;
        this.vmStat = vmStat;
        flushPoints = mode.flushPoints();
        tlb = mode.explored() ? new Tlb(machine) : null;
    }

    /** True if a PMD may map a huge page. */
    public boolean hasHuge() {
        return huge;
    }

    /** The TLBs of the CPUs, null if they have none. */
    public Tlb tlb() {
        return tlb;
    }

    /** Where batches of changes are flushed. */
    public FlushPoints flushPoints() {
        return flushPoints;
    }

    /**
     * True if an mm that no other task can access still needs its flush: what it accessed before is in TLBs. CPUs that
     * have none only need to wait for accesses under way, and there are none.
     */
    public boolean flushesAlone() {
        return tlb != null;
    }

    /** A zeroed top table frame, or NULL. Context: may sleep. */
    public long allocPgd(Cpu cpu) {
        return allocTable(cpu);
    }

    /** Frees the top table. */
    public void freePgd(Cpu cpu, long pgd) {
        freeTablePage(cpu, pages.pageOf(pgd));
    }

    /** The slot for {@code address} in {@code table}, whose entries cover 2^{@code shift} bytes each. */
    static long entry(long table, long address, int shift) {
        return table + ((address >>> shift & INDEX_MASK) << 3);
    }

    /**
     * Address of the pte for {@code address}, or NULL if a level is missing. Lockless; upper levels stay while the mm
     * has users or mmap_sem is held, and while a walker holds the rmap lock of a linked VMA around the address.
     */
    public long find(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        long table = findTable(cpu, mm, address);
        return table == Cpu.NULL ? Cpu.NULL : entry(table, address, PAGE_SHIFT);
    }

    /**
     * The lowest-level table that covers {@code address}, or NULL, also if a huge page does. Context: as {@link #find}.
     */
    public long findTable(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        long pmd = findPmd(cpu, mm, address);
        if (pmd == Cpu.NULL) {
            return Cpu.NULL;
        }
        long table = cpu.loadDependent64(pmd);
        return Pmd.isHuge(table) ? Cpu.NULL : table;
    }

    /** Address of the PMD for {@code address}, or NULL if a level above is missing. Context: as {@link #find}. */
    public long findPmd(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        long pud = cpu.loadDependent64(entry(MmStruct.PGD.get(cpu, mm), address, PGD_SHIFT));
        if (pud == Cpu.NULL) {
            return Cpu.NULL;
        }
        long pmd = cpu.loadDependent64(entry(pud, address, PUD_SHIFT));
        return pmd == Cpu.NULL ? Cpu.NULL : entry(pmd, address, PMD_SHIFT);
    }

    /** The same if the PMD maps a huge page, or has just done so; else NULL. */
    public long findHuge(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        if (!huge) {
            return Cpu.NULL;
        }
        long pmd = findPmd(cpu, mm, address);
        return pmd != Cpu.NULL && Pmd.isHuge(cpu.loadDependent64(pmd)) ? pmd : Cpu.NULL;
    }

    /** The first address in [from, end) that a lowest-level table or a huge page covers; {@code end} if none does. */
    public long nextPresent(Cpu cpu, @Ref(MmStruct.class) long mm, long from, long end) {
        long pgd = MmStruct.PGD.get(cpu, mm);
        long at = from;
        // Ends: every round moves to the next entry of some level, or returns.
        while (at < end) {
            long pud = cpu.loadDependent64(entry(pgd, at, PGD_SHIFT));
            if (pud == Cpu.NULL) {
                at = nextEntry(at, PGD_SHIFT);
                continue;
            }
            long pmd = cpu.loadDependent64(entry(pud, at, PUD_SHIFT));
            if (pmd == Cpu.NULL) {
                at = nextEntry(at, PUD_SHIFT);
                continue;
            }
            if (cpu.loadDependent64(entry(pmd, at, PMD_SHIFT)) != Cpu.NULL) {
                return at;
            }
            at = nextEntry(at, PMD_SHIFT);
        }
        return end;
    }

    private static long nextEntry(long address, int shift) {
        return (address >>> shift) + 1 << shift;
    }

    /** Where the lowest-level table that covers {@code address} ends, or {@code end} if that is lower. */
    public static long tableEnd(long address, long end) {
        return Math.min(nextEntry(address, PMD_SHIFT), end);
    }

    /** Address of the pte for {@code address} in its lowest-level table {@code table}. */
    public static long pteIn(long table, long address) {
        return entry(table, address, PAGE_SHIFT);
    }

    /**
     * As {@link #find}, allocating missing levels under page_table_lock; NULL if memory is out, {@link #MAPS_HUGE} if a
     * huge page is there. Context: may sleep.
     */
    public long alloc(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        long pmd = allocPmd(cpu, mm, address);
        if (pmd == Cpu.NULL) {
            return Cpu.NULL;
        }
        long table = allocLevel(cpu, mm, pmd, huge ? lockOf(cpu, pmd) : MmStruct.PAGE_TABLE_LOCK.of(mm));
        if (Pmd.isHuge(table)) {
            return MAPS_HUGE;
        }
        return table == Cpu.NULL ? Cpu.NULL : entry(table, address, PAGE_SHIFT);
    }

    /** As {@link #findPmd}, allocating missing levels; NULL if memory is out. Context: may sleep. */
    long allocPmd(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        long lock = MmStruct.PAGE_TABLE_LOCK.of(mm);
        long table = allocLevel(cpu, mm, entry(MmStruct.PGD.get(cpu, mm), address, PGD_SHIFT), lock);
        if (table != Cpu.NULL) {
            table = allocLevel(cpu, mm, entry(table, address, PUD_SHIFT), lock);
        }
        return table == Cpu.NULL ? Cpu.NULL : entry(table, address, PMD_SHIFT);
    }

    /**
     * The table that {@code slot} points to, made if there is none. Another allocator may win the race for the slot,
     * which {@code lock} guards.
     */
    private long allocLevel(Cpu cpu, long mm, long slot, @Ref(SpinLock.class) long lock) {
        long table = cpu.loadDependent64(slot);
        if (table != Cpu.NULL) {
            return table;
        }
        long fresh = allocTable(cpu);
        if (fresh == Cpu.NULL) {
            return Cpu.NULL;
        }
        SpinLock.lock(cpu, lock);
        long winner = cpu.readOnce64(slot);
        if (winner == Cpu.NULL) {
            cpu.storeRelease64(slot, fresh, PUBLISH);
            // Atomic: munmap counts down without this lock.
            MmStruct.NR_PTES.add(cpu, mm, 1);
        }
        SpinLock.unlock(cpu, lock);
        if (winner == Cpu.NULL) {
            return fresh;
        }
        freeTablePage(cpu, pages.pageOf(fresh));
        return winner;
    }

    long allocTable(Cpu cpu) {
        if (failures != null && failures.shouldFail(cpu)) {
            return Cpu.NULL;
        }
        long page = pages.allocPages(cpu, Gfp.KERNEL | Gfp.ZERO, 0);
        if (page == Cpu.NULL) {
            return Cpu.NULL;
        }
        // No atomic: nobody else writes the flags; a block freed next to it looks whether it is its buddy.
        Page.FLAGS.writeOnce(cpu, page, Page.FLAGS.get(cpu, page) | Page.PG_TABLE);
        SpinLock.init(cpu, Page.INDEX.of(page), PTE_LOCK);
        if (huge) {
            // No table is deposited with it.
            Page.SLAB_CACHE.set(cpu, page, Cpu.NULL);
        }
        vmStat.inc(cpu, VmStatItem.NR_PAGE_TABLE_PAGES);
        return pages.frameOf(page);
    }

    /** Lets tables not be had as {@code those} say. Boot only. */
    public void failAs(Failslab those) {
        failures = those;
    }

    /** Frees a page-table page that nobody can reach any more (after a flush, if it was ever linked). */
    void freeTablePage(Cpu cpu, @Ref(Page.class) long page) {
        vmStat.add(cpu, VmStatItem.NR_PAGE_TABLE_PAGES, -1);
        Page.FLAGS.writeOnce(cpu, page, Page.FLAGS.get(cpu, page) & ~Page.PG_TABLE);
        putTablePage(cpu, page);
    }

    /**
     * Drops a reference on the page of a table, such as one taken to look at the table's lock for longer than the table
     * may stay; the last one frees the page.
     */
    public void putTablePage(Cpu cpu, @Ref(Page.class) long page) {
        if (Page.COUNT.addReturn(cpu, page, -1) == 0) {
            // They were the lock. Nobody else has the page.
            Page.INDEX.set(cpu, page, 0);
            Page.PRIVATE.set(cpu, page, 0);
            pages.freePages(cpu, page, 0);
        }
    }

    /** The spinlock that guards the table holding {@code pte}. */
    public @Ref(SpinLock.class) long lockOf(Cpu cpu, long pte) {
        return Page.INDEX.of(pages.pageOf(pte & PAGE_MASK));
    }

    /** Tables below the top one; for the consistency oracle. Context: as {@link #find}. */
    public long countTables(Cpu cpu, @Ref(MmStruct.class) long mm) {
        return countBelow(cpu, MmStruct.PGD.get(cpu, mm), PGD_SHIFT);
    }

    private static long countBelow(Cpu cpu, long table, int shift) {
        long count = 0;
        for (long i = 0; i <= INDEX_MASK; i++) {
            long below = cpu.read64(table + (i << 3));
            // For a huge page a table is deposited.
            if (below != Cpu.NULL) {
                count += 1 + (shift > PMD_SHIFT ? countBelow(cpu, below, shift - LEVEL_BITS) : 0);
            }
        }
        return count;
    }

    /**
     * flush_tlb_page: returns when no TLB has an older pte of the page at {@code address}, and no CPU is in the middle
     * of a user access that used one. Full fence. Context: interrupts enabled; a user access never waits, so this may
     * be called under a pte lock.
     */
    public void flushTlbPage(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        cpu.smpMb(FLUSH);
        if (tlb != null) {
            Tlb.checkMayWait(cpu);
            for (int i = 0; i < machine.cpus(); i++) {
                tlb.flushTlbOne(cpu, i, mm, address);
            }
        }
        flushTlbOthers(cpu, mm);
    }

    /** flush_tlb_mm, flush_tlb_range: the same for all addresses. */
    public void flushTlbMm(Cpu cpu, @Ref(MmStruct.class) long mm) {
        cpu.smpMb(FLUSH);
        if (tlb != null) {
            Tlb.checkMayWait(cpu);
            for (int i = 0; i < machine.cpus(); i++) {
                tlb.localFlushTlb(cpu, i, mm);
            }
        }
        flushTlbOthers(cpu, mm);
    }

    /** flush_tlb_others, the wait. */
    private void flushTlbOthers(Cpu cpu, long mm) {
        int self = cpu.id();
        int cpus = machine.cpus();
        for (int i = 0; i < cpus; i++) {
            if (i == self) {
                continue;
            }
            long area = machine.cpu(i).area();
            // Also what is over when we look comes before what follows the flush.
            if (cpu.loadAcquire64(Area.USER_ACCESS_MM.of(area), ACCESS_DONE) == mm) {
                cpu.condLoadNe64(Area.USER_ACCESS_MM.of(area), -1L, mm, ACCESS_DONE);
            }
        }
    }
}
