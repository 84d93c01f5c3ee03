package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.layout.Ref;
import kemu.mm.file.Files;
import kemu.mm.huge.HugePages;
import kemu.mm.page.Lru;
import kemu.mm.pgtable.MmuGather;
import kemu.mm.pgtable.PageTable;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * do_munmap: splits the edges, detaches the VMAs, empties their ptes, unlinks them from rmap, frees tables and pages.
 *
 * <p>The order is the kernel's: ptes first (mapcounts fall), then anon_vma and file links, then page tables, and only
 * then the pages. Source: Linux 2.6.36 mm/mmap.c and mm/memory.c.
 */
final class Munmap {
    /** Above every table of user space: no VMA follows. */
    static final long NO_CEILING = 1L << 48;

    /** Unmapped, and mmap_sem is held for reading only. */
    static final int DOWNGRADED = 1;

    private final Lru lru;
    private final Files files;
    private final AnonVmas anonVmas;
    private final MmuGather gathers;
    private final VmaLinks links;
    private final VmaLookup lookup;
    private final VmaAdjust vmas;
    private final ZapPages zap;
    private final MmapLock mmapLock;
    private final boolean downgrades;
    private final MunlockPages munlocks;
    /** Null: there are no huge pages. */
    private final HugePages huge;

    Munmap(
            Lru lru,
            Files files,
            AnonVmas anonVmas,
            MmuGather gathers,
            VmaLinks links,
            MmapLock mmapLock,
            VmaAdjust vmas,
            ZapPages zap,
            MunlockPages munlocks,
            HugePages huge) {
        this.huge = huge;
        this.lru = lru;
        this.files = files;
        this.anonVmas = anonVmas;
        this.gathers = gathers;
        this.links = links;
        lookup = links.lookup();
        this.vmas = vmas;
        this.zap = zap;
        this.mmapLock = mmapLock;
        downgrades = lookup.downgrades();
        this.munlocks = munlocks;
    }

    /** True if {@link #unmapDowngrading} may do so. */
    boolean downgrades() {
        return downgrades;
    }

    ZapPages zap() {
        return zap;
    }

    /**
     * Unmaps [start, start + length), page-aligned; 0 or -ENOMEM (a split failed). Context: mmap_sem (W), may sleep.
     */
    int unmap(Cpu cpu, @Ref(MmStruct.class) long mm, long start, long length) {
        return unmap(cpu, mm, start, length, false);
    }

    /**
     * The same for munmap(2), and for brk and mremap that shrink, which end there: once the VMAs are detached nobody
     * finds them, so what is left to do needs mmap_sem for reading only; {@link #DOWNGRADED} then. Not beside a stack:
     * that may grow under mmap_sem (R), to where page tables are being freed. Source: Linux 4.20 mm/mmap.c,
     * __do_munmap(), dd2283f2605e, 9bc8039e715d and 85a06835f6f1; for stacks 246c320a8cfe (5.8).
     */
    int unmapDowngrading(Cpu cpu, @Ref(MmStruct.class) long mm, long start, long length) {
        return unmap(cpu, mm, start, length, downgrades);
    }

    private int unmap(Cpu cpu, long mm, long start, long length, boolean downgrade) {
        cpu.tell(Event.MM_CHANGED, mm, 0);
        long end = start + length;
        long vma = VmaTree.findIntersection(cpu, mm, start, end);
        if (vma == Cpu.NULL) {
            return 0;
        }
        if (huge != null) {
            huge.splitAt(cpu, mm, start);
            huge.splitAt(cpu, mm, end);
        }
        if (VmArea.VM_START.get(cpu, vma) < start) {
            if (vmas.split(cpu, vma, start, false) != 0) {
                return Errno.ENOMEM;
            }
            vma = VmArea.VM_NEXT.get(cpu, vma);
        }
        long last = VmaTree.find(cpu, mm, end);
        if (last != Cpu.NULL && VmArea.VM_START.get(cpu, last) < end) {
            if (vmas.split(cpu, last, end, true) != 0) {
                return Errno.ENOMEM;
            }
            if (last == vma) {
                vma = VmArea.VM_PREV.get(cpu, last);
            }
        }
        long prev = VmArea.VM_PREV.get(cpu, vma);
        if (lookup.store(cpu, mm, VmArea.VM_START.get(cpu, vma), end, Cpu.NULL) != 0) {
            return Errno.ENOMEM;
        }
        if (MmStruct.LOCKED_VM.get(cpu, mm) != 0) {
            munlockAll(cpu, mm, vma, end);
        }
        long next = detach(cpu, mm, vma, end);
        boolean readsOn = downgrade && !isStack(cpu, next);
        if (readsOn) {
            mmapLock.downgrade(cpu, mm);
        }
        unmapRegion(cpu, mm, vma, prev, next);
        removeVmas(cpu, vma);
        return readsOn ? DOWNGRADED : 0;
    }

    private static boolean isStack(Cpu cpu, long vma) {
        return vma != Cpu.NULL && (VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_GROWSDOWN) != 0;
    }

    /** The locked ones of the VMAs from {@code first} below {@code end} are locked no more. */
    private void munlockAll(Cpu cpu, long mm, long first, long end) {
        long vma = first;
        // Ends: the list of VMAs is finite.
        while (vma != Cpu.NULL && VmArea.VM_START.get(cpu, vma) < end) {
            if ((VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_LOCKED) != 0) {
                long locked = MmStruct.LOCKED_VM.get(cpu, mm);
                MmStruct.LOCKED_VM.set(cpu, mm, locked - MunlockPages.pagesOf(cpu, vma));
                munlocks.beforeUnmap(cpu, vma);
            }
            vma = VmArea.VM_NEXT.get(cpu, vma);
        }
    }

    /** detach_vmas_to_be_unmapped: the VMAs from {@code first} below {@code end} become a list of their own. */
    private long detach(Cpu cpu, long mm, long first, long end) {
        startWrites(cpu, first, end);
        lookup.publish(cpu, mm);
        long vma = first;
        long tail = first;
        // Ends: the list of VMAs is finite.
        while (vma != Cpu.NULL && VmArea.VM_START.get(cpu, vma) < end) {
            tail = vma;
            vma = VmArea.VM_NEXT.get(cpu, vma);
            links.remove(cpu, mm, tail);
            links.removed(cpu, tail);
        }
        VmArea.VM_NEXT.set(cpu, tail, Cpu.NULL);
        lookup.unlinkedAll(cpu, mm);
        UnmappedArea.unmapped(cpu, mm, VmArea.VM_END.get(cpu, tail));
        return vma;
    }

    /** Before any of them goes: faults that have one are over, others wait for mmap_sem. */
    private void startWrites(Cpu cpu, long first, long end) {
        long vma = first;
        // Ends: the list of VMAs is finite.
        while (vma != Cpu.NULL && VmArea.VM_START.get(cpu, vma) < end) {
            lookup.startWrite(cpu, vma);
            vma = VmArea.VM_NEXT.get(cpu, vma);
        }
    }

    private void unmapRegion(Cpu cpu, long mm, long first, long prev, long next) {
        lru.drain(cpu);
        long gather = gathers.begin(cpu, mm, false);
        zap.unmapVmas(cpu, gather, mm, first, false);
        long floor = prev == Cpu.NULL ? 0 : VmArea.VM_END.get(cpu, prev);
        long ceiling = next == Cpu.NULL ? NO_CEILING : VmArea.VM_START.get(cpu, next);
        freePgtables(cpu, gather, mm, first, floor, ceiling);
        gathers.finish(cpu, gather);
    }

    /**
     * free_pgtables: for a list of VMAs without ptes, unlinks each from its anon_vmas and its file, so that rmap walks
     * no longer come here, and then gives the tables under it to the gather.
     */
    void freePgtables(
            Cpu cpu,
            @Ref(MmuGather.class) long gather,
            @Ref(MmStruct.class) long mm,
            @Ref(VmArea.class) long first,
            long floor,
            long ceiling) {
        long vma = first;
        // Ends: the list is finite.
        while (vma != Cpu.NULL) {
            long start = VmArea.VM_START.get(cpu, vma);
            long end = VmArea.VM_END.get(cpu, vma);
            long next = unlink(cpu, vma);
            // Neighbours within one table are handled in one walk.
            while (next != Cpu.NULL && VmArea.VM_START.get(cpu, next) <= end + PageTable.PMD_SIZE) {
                end = VmArea.VM_END.get(cpu, next);
                next = unlink(cpu, next);
            }
            long top = next == Cpu.NULL ? ceiling : VmArea.VM_START.get(cpu, next);
            gathers.freeRange(cpu, gather, mm, start, end, floor, top);
            vma = next;
        }
    }

    private long unlink(Cpu cpu, long vma) {
        anonVmas.unlinkAnonVmas(cpu, vma);
        VmaTree.unlinkFile(cpu, vma);
        return VmArea.VM_NEXT.get(cpu, vma);
    }

    /** remove_vma for a list: drops the files, frees the structures. */
    void removeVmas(Cpu cpu, @Ref(VmArea.class) long first) {
        long vma = first;
        // Ends: the list is finite.
        while (vma != Cpu.NULL) {
            lookup.removing(cpu, vma);
            vma = removeVma(cpu, vma);
        }
    }

    /** __remove_vma; the next one. */
    private long removeVma(Cpu cpu, long vma) {
        long next = VmArea.VM_NEXT.get(cpu, vma);
        long file = VmArea.VM_FILE.get(cpu, vma);
        if (file != Cpu.NULL) {
            files.put(cpu, file);
        }
        links.free(cpu, vma);
        return next;
    }

    /** exit_mmap: empties an mm without users. Context: may sleep. */
    void exitMmap(Cpu cpu, @Ref(MmStruct.class) long mm) {
        cpu.tell(Event.MM_CHANGED, mm, 0);
        long first = MmStruct.MMAP.get(cpu, mm);
        if (first == Cpu.NULL) {
            return;
        }
        if (MmStruct.LOCKED_VM.get(cpu, mm) != 0) {
            munlockAll(cpu, mm, first, NO_CEILING);
        }
        lookup.exitMmap(cpu, mm);
        lru.drain(cpu);
        long gather = gathers.begin(cpu, mm, true);
        zap.unmapVmas(cpu, gather, mm, first, true);
        freePgtables(cpu, gather, mm, first, 0, NO_CEILING);
        gathers.finish(cpu, gather);
        detachAll(cpu, first);
        long vma = first;
        // Ends: the list is finite.
        while (vma != Cpu.NULL) {
            vma = removeVma(cpu, vma);
        }
        MmStruct.MMAP.set(cpu, mm, Cpu.NULL);
        MmStruct.MM_RB.set(cpu, mm, Cpu.NULL);
        MmStruct.MAP_COUNT.set(cpu, mm, 0);
    }

    /** Lookups of other address spaces may still look at VMAs of this one, if their slots had another life before. */
    private void detachAll(Cpu cpu, long first) {
        long vma = first;
        // Ends: the list is finite.
        while (vma != Cpu.NULL) {
            lookup.exited(cpu, vma);
            vma = VmArea.VM_NEXT.get(cpu, vma);
        }
    }
}
