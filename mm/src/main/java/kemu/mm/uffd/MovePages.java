package kemu.mm.uffd;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.order.Order;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.RwSem;
import kemu.mm.huge.HugePages;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.pgtable.MigrationEntries;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.rmap.MergedPages;
import kemu.mm.rmap.PageRmap;
import kemu.mm.swap.FoundPageChecks;
import kemu.mm.swap.Swap;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.mm.vma.Mms;

/**
 * UFFDIO_MOVE: takes a page out of one place of an address space and puts it into another, empty one. A page in memory
 * changes its anon_vma, perhaps to one of another root, so lookups of a page that is not locked must look again once
 * they have a root's lock.
 *
 * <p>Source: Linux 6.8 mm/userfaultfd.c, move_pages_pte(), with the tests of 0ea148a79919 (6.16). Whoever moves only
 * has mmap_sem for reading, which keeps all VMAs of the page and their anon_vmas: Linux pins the anon_vma as well.
 */
public final class MovePages {
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;

    private final PageLock pageLock;
    private final PageAllocator pages;
    private final Swap swap;
    private final PageTable pageTable;
    private final AnonVmas anonVmas;
    private final PageRmap pageRmap;
    private final Mms mms;
    private final FoundPageChecks checks;
    /** Null: there are no huge pages. */
    private final HugePages huge;

    /** Boot only. */
    public MovePages(
            PageLock pageLock,
            PageAllocator pages,
            Swap swap,
            PageTable pageTable,
            AnonVmas anonVmas,
            PageRmap pageRmap,
            Mms mms,
            FoundPageChecks checks,
            HugePages huge) {
        this.huge = huge;
        this.pageLock = pageLock;
        this.pages = pages;
        this.swap = swap;
        this.pageTable = pageTable;
        this.anonVmas = anonVmas;
        this.pageRmap = pageRmap;
        this.mms = mms;
        this.checks = checks;
    }

    /**
     * Moves the page at {@code from} to {@code to}, both page-aligned. 0, or -EAGAIN if something changed meanwhile,
     * -ENOENT (nothing there), -EEXIST (something at the target), -EBUSY (not this process's alone, or merged), -EFAULT
     * (its memory has failed), -EINVAL (no private anonymous memory) or -ENOMEM. Context: may sleep.
     */
    public int move(Cpu cpu, @Ref(MmStruct.class) long mm, long from, long to) {
        RwSem.downRead(cpu, MmStruct.MMAP_SEM.of(mm));
        int error = moveLocked(cpu, mm, from, to);
        RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
        return error;
    }

    /**
     * The rest of {@link #move}, of a swap pte that was read as {@code seen}, perhaps long ago. For scenarios of that
     * part.
     */
    public int moveSwapped(Cpu cpu, @Ref(MmStruct.class) long mm, long from, long to, long seen) {
        RwSem.downRead(cpu, MmStruct.MMAP_SEM.of(mm));
        int error = moveSwapped(
                cpu, mms.findVma(cpu, mm, to), to, pageTable.find(cpu, mm, from), pageTable.find(cpu, mm, to), seen);
        RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
        return error;
    }

    private int moveLocked(Cpu cpu, long mm, long from, long to) {
        long source = mms.findVma(cpu, mm, from);
        long target = mms.findVma(cpu, mm, to);
        if (!suits(cpu, source, from) || !suits(cpu, target, to)) {
            return Errno.EINVAL;
        }
        if (huge != null) {
            huge.splitRange(cpu, mm, from, from + 1);
            huge.splitRange(cpu, mm, to, to + 1);
        }
        long sourcePte = pageTable.find(cpu, mm, from);
        if (sourcePte == Cpu.NULL) {
            return Errno.ENOENT;
        }
        long targetPte = pageTable.alloc(cpu, mm, to);
        if (targetPte == PageTable.MAPS_HUGE) {
            return Errno.EEXIST;
        }
        if (targetPte == Cpu.NULL || anonVmas.anonVmaPrepare(cpu, target) != 0) {
            return Errno.ENOMEM;
        }
        // Locked: a pte is empty for a moment while its page is taken away.
        long seen = readLocked(cpu, sourcePte);
        if (seen == 0) {
            return Errno.ENOENT;
        }
        if (readLocked(cpu, targetPte) != 0) {
            return Errno.EEXIST;
        }
        if (Pte.isNonSwap(seen)) {
            return moving(cpu, sourcePte, seen);
        }
        return Pte.present(seen)
                ? movePresent(cpu, mm, from, target, to, sourcePte, targetPte, seen)
                : moveSwapped(cpu, target, to, sourcePte, targetPte, seen);
    }

    private long readLocked(Cpu cpu, long pte) {
        long lock = pageTable.lockOf(cpu, pte);
        SpinLock.lock(cpu, lock);
        long value = cpu.readOnce64(pte);
        SpinLock.unlock(cpu, lock);
        return value;
    }

    /** The page is being moved elsewhere: -EAGAIN when it has been; or its memory has failed: -EFAULT. */
    private int moving(Cpu cpu, long pte, long seen) {
        if (!Pte.isMigration(seen)) {
            return Errno.EFAULT;
        }
        MigrationEntries.wait(cpu, pages, pageTable, pageLock, pte);
        return Errno.EAGAIN;
    }

    /** Private, anonymous, writable: what can be moved and moved to. */
    private static boolean suits(Cpu cpu, long vma, long address) {
        return vma != Cpu.NULL
                && VmArea.VM_START.get(cpu, vma) <= address
                && VmArea.VM_FILE.get(cpu, vma) == Cpu.NULL
                && (VmArea.VM_FLAGS.get(cpu, vma) & (RW | VmArea.VM_SHARED | VmArea.VM_LOCKED)) == RW;
    }

    /** move_present_pte. */
    private int movePresent(
            Cpu cpu, long mm, long from, long target, long to, long sourcePte, long targetPte, long seen) {
        if ((seen & Pte.SPECIAL) != 0) {
            return Errno.EBUSY;
        }
        long lock = pageTable.lockOf(cpu, sourcePte);
        SpinLock.lock(cpu, lock);
        if (cpu.readOnce64(sourcePte) != seen) {
            SpinLock.unlock(cpu, lock);
            return Errno.EAGAIN;
        }
        long page = pages.pageOf(Pte.frame(seen));
        Page.get(cpu, page);
        SpinLock.unlock(cpu, lock);
        pageLock.lock(cpu, page);
        int error = Errno.EAGAIN;
        // It may have been unmapped; if it is mapped here, its anon_vma is on the chain of a VMA of this mm.
        if (Page.isMapped(cpu, page) && cpu.readOnce64(sourcePte) == seen) {
            error = isPrivate(cpu, page) && swap.reuse(cpu, page)
                    ? moveMapped(cpu, mm, from, target, to, sourcePte, targetPte, seen, page)
                    : Errno.EBUSY;
        }
        pageLock.unlock(cpu, page);
        pages.putPage(cpu, page);
        return error;
    }

    /** False for a KSM page as well, though one pte may have it: ksmd knows it by its address. Context: page lock. */
    private static boolean isPrivate(Cpu cpu, long page) {
        return Page.isAnon(cpu, page) && !MergedPages.isMerged(cpu, page);
    }

    /** The page is locked, and mapped nowhere else. */
    private int moveMapped(
            Cpu cpu, long mm, long from, long target, long to, long sourcePte, long targetPte, long seen, long page) {
        long anonVma = Page.MAPPING.readOnce(cpu, page) - Page.MAPPING_ANON;
        anonVmas.locking().lock(cpu, anonVma);
        boolean stable = lockStable(cpu, sourcePte, targetPte, seen);
        if (stable) {
            long value = cpu.xchg64(sourcePte, 0, Order.FULL);
            pageTable.flushTlbPage(cpu, mm, from);
            pageRmap.pageMoveToVma(cpu, page, target, to);
            cpu.writeOnce64(targetPte, value);
        }
        unlockPtes(cpu, sourcePte, targetPte);
        anonVmas.locking().unlock(cpu, anonVma);
        return stable ? 0 : Errno.EAGAIN;
    }

    /** move_swap_pte: the page may still be in the cache, and then knows its old place. */
    private int moveSwapped(Cpu cpu, long target, long to, long sourcePte, long targetPte, long seen) {
        long entry = Pte.swapEntry(seen);
        long page = swap.lookup(cpu, entry);
        int error = Errno.EAGAIN;
        if (page == Cpu.NULL) {
            error = moveEntry(cpu, target, to, sourcePte, targetPte, seen, Cpu.NULL);
        } else {
            pageLock.lock(cpu, page);
            if (checks.moves(cpu, page, entry)) {
                error = moveEntry(cpu, target, to, sourcePte, targetPte, seen, page);
            }
            pageLock.unlock(cpu, page);
            pages.putPage(cpu, page);
        }
        return error;
    }

    private int moveEntry(Cpu cpu, long target, long to, long sourcePte, long targetPte, long seen, long page) {
        long entry = Pte.swapEntry(seen);
        int error = lockStable(cpu, sourcePte, targetPte, seen) ? 0 : Errno.EAGAIN;
        if (error == 0 && (swap.swapCount(cpu, entry) != 1 || isShared(cpu, page, entry))) {
            error = Errno.EBUSY;
        }
        if (error == 0 && page == Cpu.NULL && !checks.movesWithout(cpu, swap, entry)) {
            error = Errno.EAGAIN;
        }
        if (error == 0) {
            if (page != Cpu.NULL && Page.isAnon(cpu, page)) {
                pageRmap.pageMoveToVma(cpu, page, target, to);
            }
            cpu.writeOnce64(sourcePte, 0);
            cpu.writeOnce64(targetPte, seen);
        }
        unlockPtes(cpu, sourcePte, targetPte);
        return error;
    }

    /**
     * True if others have {@code page} as well: it is merged, or, as the page of {@code entry}, mapped, so that one
     * user of the entry is not all. Context: page lock, if there is a page.
     */
    private static boolean isShared(Cpu cpu, long page, long entry) {
        return page != Cpu.NULL
                && (MergedPages.isMerged(cpu, page)
                        || Page.test(cpu, page, Page.PG_SWAPCACHE)
                                && Page.PRIVATE.get(cpu, page) == entry
                                && Page.isMapped(cpu, page));
    }

    /** double_pt_lock, is_pte_pages_stable: takes both locks; true if the source is as seen and the target empty. */
    private boolean lockStable(Cpu cpu, long sourcePte, long targetPte, long seen) {
        long source = pageTable.lockOf(cpu, sourcePte);
        long target = pageTable.lockOf(cpu, targetPte);
        SpinLock.lock(cpu, Math.min(source, target));
        if (source != target) {
            SpinLock.lockNested(cpu, Math.max(source, target), 1);
        }
        return cpu.readOnce64(sourcePte) == seen && cpu.readOnce64(targetPte) == 0;
    }

    private void unlockPtes(Cpu cpu, long sourcePte, long targetPte) {
        long source = pageTable.lockOf(cpu, sourcePte);
        long target = pageTable.lockOf(cpu, targetPte);
        if (source != target) {
            SpinLock.unlock(cpu, Math.max(source, target));
        }
        SpinLock.unlock(cpu, Math.min(source, target));
    }
}
