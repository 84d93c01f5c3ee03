package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.order.Order;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Sched;
import kemu.mm.file.AddressSpace;
import kemu.mm.file.PageCache;
import kemu.mm.huge.HugePages;
import kemu.mm.mlock.Mlocking;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.pgtable.MigrationEntries;
import kemu.mm.pgtable.MmuGather;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.swap.Swap;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/**
 * unmap_vmas and zap_page_range: takes pages and swap entries out of ptes. The pages go to a gather, which lets the
 * mapcounts fall here, before the VMA is unlinked from its anon_vmas (what "mapped means alive" rests on).
 *
 * <p>Context: mmap_sem, (R) suffices while the VMA stays; or the last user. Preemptible between tables. Source: Linux
 * 2.6.36 mm/memory.c, zap_pte_range().
 */
final class ZapPages {
    /** For {@link #zapTable}: a locked VMA, and mlock follows mappings. */
    static final int FROM_LOCKED = 1;
    /** Truncation munlocks private pages before they go. */
    static final int MUNLOCK_PRIVATE = 2;
    /** The same: private pages stay, since their anon_vma is not locked. */
    static final int SKIP_PRIVATE = 4;

    private final Machine machine;
    private final PageAllocator pages;
    private final Lru lru;
    private final Swap swap;
    private final PageTable pageTable;
    private final PageCache pageCache;
    private final MmuGather gathers;
    private final Mlocking mlocking;
    /** Null: there are no huge pages. */
    private final HugePages huge;

    ZapPages(
            Machine machine,
            PageAllocator pages,
            Lru lru,
            Swap swap,
            PageTable pageTable,
            PageCache pageCache,
            MmuGather gathers,
            Mlocking mlocking,
            HugePages huge) {
        this.huge = huge;
        this.machine = machine;
        this.pages = pages;
        this.lru = lru;
        this.swap = swap;
        this.pageTable = pageTable;
        this.pageCache = pageCache;
        this.gathers = gathers;
        this.mlocking = mlocking;
    }

    /** unmap_vmas: empties the ptes of a list of VMAs, linked by vm_next and ended by NULL. */
    void unmapVmas(
            Cpu cpu,
            @Ref(MmuGather.class) long gather,
            @Ref(MmStruct.class) long mm,
            @Ref(VmArea.class) long first,
            boolean fullMm) {
        // Ends: the list is finite; nobody adds to it.
        for (long vma = first; vma != Cpu.NULL; vma = VmArea.VM_NEXT.get(cpu, vma)) {
            zapRange(
                    cpu,
                    gather,
                    mm,
                    VmArea.VM_START.get(cpu, vma),
                    VmArea.VM_END.get(cpu, vma),
                    fullMm,
                    lockedness(VmArea.VM_FLAGS.get(cpu, vma)));
        }
    }

    /** {@link #FROM_LOCKED} or 0: how a VMA with {@code flags} is unmapped. */
    int lockedness(long flags) {
        return (flags & VmArea.VM_LOCKED) != 0 && mlocking.followsMappings() ? FROM_LOCKED : 0;
    }

    /** zap_page_range, without the gather's begin and end. */
    void zapRange(
            Cpu cpu,
            @Ref(MmuGather.class) long gather,
            @Ref(MmStruct.class) long mm,
            long start,
            long end,
            boolean fullMm,
            int mlock) {
        long at = pageTable.nextPresent(cpu, mm, start, end);
        while (at < end) {
            long stop = PageTable.tableEnd(at, end);
            if (huge == null || !huge.zap(cpu, gathers, gather, mm, at, stop)) {
                zapTable(cpu, gather, mm, at, stop, fullMm, Cpu.NULL, mlock);
            }
            Sched.of(machine).condResched(cpu);
            at = pageTable.nextPresent(cpu, mm, stop, end);
        }
    }

    /**
     * zap_pte_range: the ptes of [start, stop), which one table covers.
     *
     * @param only the file whose pages are meant, private copies and what is swapped out of them stay; NULL: all go
     * @param mlock what locked pages need, one of the constants, or 0
     */
    void zapTable(
            Cpu cpu,
            @Ref(MmuGather.class) long gather,
            @Ref(MmStruct.class) long mm,
            long start,
            long stop,
            boolean fullMm,
            @Ref(AddressSpace.class) long only,
            int mlock) {
        long pte = PageTable.pteIn(pageTable.findTable(cpu, mm, start), start);
        long last = pte + (stop - start >>> PageTable.PTE_SHIFT);
        long lock = pageTable.lockOf(cpu, pte);
        int anon = 0;
        int file = 0;
        int swapped = 0;
        SpinLock.lock(cpu, lock);
        for (; pte < last; pte += Long.BYTES) {
            long value = cpu.readOnce64(pte);
            if (value == 0 || only != Cpu.NULL && !isPageOf(cpu, value, only)) {
                continue;
            }
            if (Pte.isNonSwap(value)) {
                int kind = zapNonSwap(cpu, pte, value);
                anon += kind == ANON ? 1 : 0;
                file += kind == FILE ? 1 : 0;
                continue;
            }
            if (!Pte.present(value)) {
                cpu.writeOnce64(pte, 0);
                swap.freeSwapAndCache(cpu, Pte.swapEntry(value));
                swapped++;
                continue;
            }
            if (mlock != 0 && !mayGo(cpu, value, mlock)) {
                continue;
            }
            value = clear(cpu, pte, fullMm, value);
            if ((value & Pte.SPECIAL) != 0) {
                continue;
            }
            long page = pages.pageOf(Pte.frame(value));
            boolean isAnon = Page.isAnon(cpu, page);
            if (isAnon) {
                anon++;
            } else {
                file++;
                passBitsToFilePage(cpu, page, value);
            }
            gathers.removeMapped(cpu, gather, mm, page, isAnon);
        }
        SpinLock.unlock(cpu, lock);
        account(cpu, mm, -anon, -file, -swapped);
    }

    private static final int NEITHER = 0;
    private static final int ANON = 1;
    private static final int FILE = 2;

    /** The part for migration entries: the page was counted, and is not unmapped any more. Context: pte lock. */
    private int zapNonSwap(Cpu cpu, long pte, long value) {
        if (!Pte.isMigration(value)) {
            cpu.writeOnce64(pte, 0);
            return NEITHER;
        }
        long page = MigrationEntries.page(cpu, pages, value);
        MigrationEntries.tellGone(cpu, page);
        boolean isAnon = Page.isAnon(cpu, page);
        cpu.writeOnce64(pte, 0);
        return isAnon ? ANON : FILE;
    }

    /** Sees to the mlocking of a page that a pte maps; false if it must stay for now. Context: pte lock. */
    private boolean mayGo(Cpu cpu, long value, int mlock) {
        if ((value & Pte.SPECIAL) != 0) {
            return true;
        }
        long page = pages.pageOf(Pte.frame(value));
        if (mlock == FROM_LOCKED) {
            mlocking.unmapped(cpu, page);
        } else if (Page.isAnon(cpu, page)) {
            if (mlock == SKIP_PRIVATE) {
                return false;
            }
            mlocking.truncating(cpu, page);
        }
        return true;
    }

    private boolean isPageOf(Cpu cpu, long value, long file) {
        return Pte.present(value)
                && (value & Pte.SPECIAL) == 0
                && Page.MAPPING.readOnce(cpu, pages.pageOf(Pte.frame(value))) == file;
    }

    /**
     * ptep_get_and_clear_full: an exchange, since a user access may set bits now; plain if there is no user any more.
     */
    private static long clear(Cpu cpu, long pte, boolean fullMm, long seen) {
        if (fullMm) {
            cpu.writeOnce64(pte, 0);
            return seen;
        }
        return cpu.xchg64(pte, 0, Order.FULL);
    }

    private void passBitsToFilePage(Cpu cpu, long page, long value) {
        if ((value & Pte.DIRTY) != 0) {
            pageCache.setPageDirty(cpu, page);
        }
        if ((value & Pte.ACCESSED) != 0) {
            lru.markAccessed(cpu, page);
        }
    }

    /** add_mm_rss_vec: one atomic per counter that changed. */
    static void account(Cpu cpu, @Ref(MmStruct.class) long mm, int anon, int file, int swapped) {
        if (anon != 0) {
            MmStruct.ANON_RSS.add(cpu, mm, anon);
        }
        if (file != 0) {
            MmStruct.FILE_RSS.add(cpu, mm, file);
        }
        if (swapped != 0) {
            MmStruct.SWAPENTS.add(cpu, mm, swapped);
        }
    }
}
