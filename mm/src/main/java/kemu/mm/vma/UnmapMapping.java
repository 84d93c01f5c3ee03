package kemu.mm.vma;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Sched;
import kemu.mm.file.AddressSpace;
import kemu.mm.file.Inode;
import kemu.mm.file.MappedRanges;
import kemu.mm.mlock.Mlocking;
import kemu.mm.page.Page;
import kemu.mm.pgtable.MmuGather;
import kemu.mm.pgtable.PageTable;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.types.VmArea;
import kemu.rcu.list.ListHead;

/**
 * unmap_mapping_range: goes along i_mmap under i_mmap_lock, which keeps every VMA on it and its page tables. It holds
 * no mmap_sem and may meet address spaces that are going away.
 *
 * <p>When another task wants the CPU it lets go of the lock between two page tables. Where it was is kept in the inode
 * ({@link Inode#UNMAP_AT}): who unlinks that VMA moves it on, and who passes pages to a VMA that may be done sends it
 * back to the start. So every pass ends as soon as nobody moves mappings of the file about. Source: Linux 2.6.36
 * mm/memory.c, unmap_mapping_range_tree(), unmap_mapping_range_vma().
 */
public final class UnmapMapping implements MappedRanges {
    /** A VMA has no more pages in the range. */
    private static final long DONE = -1;
    /** It had no page table for any. */
    private static final long NOTHING = -2;

    private final MmuGather gathers;
    private final PageTable pageTable;
    private final ZapPages zap;
    private final Mlocking mlocking;
    private final AnonVmaLocking locking;

    /** Boot only. */
    public UnmapMapping(MmuGather gathers, PageTable pageTable, Mms mms) {
        mlocking = mms.mlocking();
        locking = mms.anonVmaLocking();
        if (mlocking.truncation() == Mlocking.Truncation.MUNLOCKS_LOCKED && locking.maySleep()) {
            throw new IllegalArgumentException("mlock: " + mlocking.name()
                    + " takes the lock of an anon_vma in i_mmap_lock, and that of " + locking.name() + " may sleep");
        }
        this.gathers = gathers;
        this.pageTable = pageTable;
        zap = mms.unmaps().zap();
    }

    @Override
    public void unmapMappingRange(
            Cpu cpu, @Ref(AddressSpace.class) long mapping, long first, long last, boolean evenCows) {
        long lock = AddressSpace.I_MMAP_LOCK.of(mapping);
        long head = AddressSpace.I_MMAP.of(mapping);
        SpinLock.lock(cpu, lock);
        long host = AddressSpace.HOST.get(cpu, mapping);
        long at = ListHead.first(cpu, head);
        long from = first;
        // Ends: the list is finite; where it lets go of the lock there is less left to empty each time.
        while (at != head) {
            long rest = unmapVma(cpu, VmArea.SHARED.containerOf(at), from, last, evenCows ? Cpu.NULL : mapping);
            if (rest == NOTHING) {
                at = ListHead.next(cpu, at);
                from = first;
                continue;
            }
            if (rest == DONE) {
                at = ListHead.next(cpu, at);
                from = first;
            } else {
                from = rest;
            }
            if (at != head && Sched.needResched(cpu)) {
                giveWay(cpu, mapping, at, from);
                at = Inode.UNMAP_AT.get(cpu, host);
                from = Math.max(first, Inode.UNMAP_INDEX.get(cpu, host));
                Inode.UNMAP_AT.set(cpu, host, Cpu.NULL);
            }
        }
        SpinLock.unlock(cpu, lock);
    }

    /** Lets go of i_mmap_lock for a while. Others may change meanwhile where to go on. */
    private static void giveWay(Cpu cpu, long mapping, long at, long index) {
        long lock = AddressSpace.I_MMAP_LOCK.of(mapping);
        long host = AddressSpace.HOST.get(cpu, mapping);
        Inode.UNMAP_AT.set(cpu, host, at);
        Inode.UNMAP_INDEX.set(cpu, host, index);
        SpinLock.unlock(cpu, lock);
        Sched.of(cpu).condResched(cpu);
        SpinLock.lock(cpu, lock);
    }

    /** unmap_mapping_range_vma: empties one page table; where to go on, or {@link #DONE}, or {@link #NOTHING}. */
    private long unmapVma(Cpu cpu, long vma, long first, long last, long only) {
        long start = VmArea.VM_START.readOnce(cpu, vma);
        long pgoff = VmArea.VM_PGOFF.readOnce(cpu, vma);
        long pages = VmArea.VM_END.readOnce(cpu, vma) - start >> PAGE_SHIFT;
        long from = Math.max(first, pgoff);
        long behind = Math.min(last, pgoff + pages - 1) + 1;
        if (from >= behind) {
            return NOTHING;
        }
        long end = start + (behind - pgoff << PAGE_SHIFT);
        long mm = VmArea.VM_MM.get(cpu, vma);
        long at = pageTable.nextPresent(cpu, mm, start + (from - pgoff << PAGE_SHIFT), end);
        if (at == end) {
            return NOTHING;
        }
        if (only == Cpu.NULL) {
            // What was stored to private copies is gone.
            cpu.tell(Event.MM_CHANGED, mm, 0);
        }
        int mlock = mlockOf(cpu, vma, only == Cpu.NULL);
        long anonVma = Cpu.NULL;
        if (mlock == ZapPages.MUNLOCK_PRIVATE && mlocking.truncation() == Mlocking.Truncation.MUNLOCKS_LOCKED) {
            anonVma = VmArea.ANON_VMA.readOnce(cpu, vma);
            locking.lock(cpu, anonVma);
        }
        long gather = gathers.begin(cpu, mm, false);
        long stop = PageTable.tableEnd(at, end);
        zap.zapTable(cpu, gather, mm, at, stop, false, only, mlock);
        gathers.finish(cpu, gather);
        if (anonVma != Cpu.NULL) {
            locking.unlock(cpu, anonVma);
        }
        return stop == end ? DONE : pgoff + (stop - start >> PAGE_SHIFT);
    }

    @Override
    public void truncating(Cpu cpu, @Ref(Page.class) long page) {
        if (Page.test(cpu, page, Page.PG_MLOCKED)) {
            mlocking.truncated(cpu, page);
        }
    }

    /** What mlocked pages need that {@code vma} maps: a constant of {@link ZapPages}, or 0. */
    private int mlockOf(Cpu cpu, long vma, boolean evenCows) {
        if (mlocking.followsMappings()) {
            return zap.lockedness(VmArea.VM_FLAGS.readOnce(cpu, vma));
        }
        if (!evenCows || mlocking.truncation() == Mlocking.Truncation.FREES_MLOCKED) {
            return 0;
        }
        // Whether the VMA is locked does not matter: munlock() takes the flag before it comes to the pages.
        boolean mayLock =
                mlocking.truncation() == Mlocking.Truncation.MUNLOCKS || VmArea.ANON_VMA.readOnce(cpu, vma) != Cpu.NULL;
        return mayLock ? ZapPages.MUNLOCK_PRIVATE : ZapPages.SKIP_PRIVATE;
    }
}
