package kemu.mm.vma;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;
import static kemu.hw.mem.PhysMem.PAGE_SIZE;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.kernel.task.RwSem;
import kemu.mm.file.AddressSpace;
import kemu.mm.file.Files;
import kemu.mm.huge.HugePages;
import kemu.mm.page.Lru;
import kemu.mm.pgtable.MmuGather;
import kemu.mm.pgtable.PageTable;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.rcu.list.ListHead;

/**
 * System calls on an address space. Each takes mmap_sem itself and may sleep. Lengths are rounded up to pages;
 * addresses must be aligned.
 *
 * <p>Source: Linux 2.6.36 mm/mmap.c, mprotect.c, mremap.c, madvise.c.
 */
public final class Mmap {
    private static final long OFFSET_MASK = PAGE_SIZE - 1;

    private final Lru lru;
    private final Files files;
    private final MmuGather gathers;
    private final VmaLinks links;
    private final MmapLock mmapLock;
    private final Munmap munmap;
    private final VmaMerge merges;
    private final Mprotect mprotect;
    private final Mremap mremap;
    private final MergeLink merging;
    private final Mms mms;
    private Population population;

    /** Boot only. */
    public Mmap(
            Machine machine, Lru lru, PageTable pageTable, Files files, AnonVmas anonVmas, MmuGather gathers, Mms mms) {
        this.mms = mms;
        this.lru = lru;
        this.files = files;
        this.gathers = gathers;
        links = mms.links();
        mmapLock = mms.mmapLock();
        VmaAdjust vmas = mms.vmas();
        munmap = mms.unmaps();
        merges = mms.merges();
        mprotect = new Mprotect(machine, pageTable, vmas, merges, links.lookup());
        mremap = new Mremap(
                new MovePageTables(pageTable, anonVmas.locking()),
                files,
                anonVmas,
                links,
                vmas,
                merges,
                munmap,
                mms.rules().moves(),
                mms.merging());
        merging = mms.merging();
    }

    /** Sets who brings pages of locked VMAs into memory. Boot only. */
    public void population(Population those) {
        population = those;
        mremap.population(those);
    }

    /**
     * mmap.
     *
     * @param address where; without {@code fixed} only a hint, with it what was mapped there goes
     * @param flags {@code VM_} bits; VM_SHARED needs a file; VM_LOCKED is MAP_LOCKED
     * @param file an address_space, of which the mapping takes its own reference; or NULL for anonymous memory
     * @param pageOffset first page of the file
     * @return the address mapped, or -EINVAL, -ENOMEM, -EPERM (may not lock) or -EAGAIN (may not lock so much)
     */
    public long mmap(
            Cpu cpu,
            @Ref(MmStruct.class) long mm,
            long address,
            long length,
            long flags,
            boolean fixed,
            @Ref(AddressSpace.class) long file,
            long pageOffset) {
        long bytes = pageAlign(length);
        if (length <= 0 || file == Cpu.NULL && (flags & VmArea.VM_SHARED) != 0) {
            return Errno.EINVAL;
        }
        if (bytes <= 0 || bytes > PageTable.TASK_SIZE) {
            return Errno.ENOMEM;
        }
        if (fixed && !validRange(address, bytes)) {
            return Errno.EINVAL;
        }
        if ((flags & VmArea.VM_LOCKED) != 0 && MmStruct.MEMLOCK_LIMIT.get(cpu, mm) == 1) {
            return Errno.EPERM;
        }
        mmapLock.writeLock(cpu, mm);
        long result = mmapLocked(cpu, mm, address & ~OFFSET_MASK, bytes, flags, fixed, file, pageOffset);
        mmapLock.writeUnlock(cpu, mm);
        return result;
    }

    private long mmapLocked(
            Cpu cpu, long mm, long hint, long length, long wanted, boolean fixed, long file, long pageOffset) {
        long flags = wanted | MmStruct.DEF_FLAGS.get(cpu, mm);
        if ((flags & VmArea.VM_LOCKED) != 0 && Mlock.overLimit(cpu, mm, length >> PAGE_SHIFT)) {
            return Errno.EAGAIN;
        }
        if (MmStruct.MAP_COUNT.get(cpu, mm) > VmaAdjust.MAX_MAP_COUNT) {
            return Errno.ENOMEM;
        }
        long address = hint;
        if (fixed) {
            int error = munmap.unmap(cpu, mm, address, length);
            if (error != 0) {
                return error;
            }
        } else {
            address = UnmappedArea.find(cpu, mm, hint, length);
            if (Errno.isError(address)) {
                return address;
            }
        }
        long pgoff = file == Cpu.NULL ? address >> PAGE_SHIFT : pageOffset;
        return mapRegion(cpu, mm, address, length, flags, file, pgoff);
    }

    /** The end of mmap_region and do_brk: nothing is mapped in the range. Returns the address or -ENOMEM. */
    private long mapRegion(Cpu cpu, long mm, long address, long length, long flags, long file, long pgoff) {
        long at = mapUnpopulated(cpu, mm, address, length, flags, file, pgoff);
        if ((flags & VmArea.VM_LOCKED) != 0 && !Errno.isError(at)) {
            MmStruct.LOCKED_VM.set(cpu, mm, MmStruct.LOCKED_VM.get(cpu, mm) + (length >> PAGE_SHIFT));
            // What cannot be had now is faulted in later: no error of mmap.
            population.mlockPages(cpu, VmaTree.find(cpu, mm, address), address, address + length);
        }
        return at;
    }

    private long mapUnpopulated(Cpu cpu, long mm, long address, long length, long wanted, long file, long pgoff) {
        long flags = merging.flagsOf(cpu, mm, wanted);
        long end = address + length;
        long prev = VmaTree.findPrev(cpu, mm, address);
        if (merges.merge(cpu, mm, prev, address, end, flags, Cpu.NULL, file, pgoff) != Cpu.NULL) {
            return address;
        }
        long vma = links.alloc(cpu);
        if (vma == Cpu.NULL) {
            return Errno.ENOMEM;
        }
        VmArea.VM_MM.set(cpu, vma, mm);
        VmArea.VM_START.set(cpu, vma, address);
        VmArea.VM_END.set(cpu, vma, end);
        VmArea.VM_FLAGS.set(cpu, vma, flags);
        VmArea.VM_PGOFF.set(cpu, vma, pgoff);
        VmArea.VM_FILE.set(cpu, vma, file);
        VmArea.ANON_VMA.set(cpu, vma, Cpu.NULL);
        ListHead.init(cpu, VmArea.ANON_VMA_CHAIN.of(vma));
        if (file != Cpu.NULL) {
            files.get(cpu, file);
        }
        if (links.link(cpu, mm, vma) != 0) {
            if (file != Cpu.NULL) {
                files.put(cpu, file);
            }
            links.free(cpu, vma);
            return Errno.ENOMEM;
        }
        return address;
    }

    /** munmap; 0, -EINVAL or -ENOMEM. */
    public int munmap(Cpu cpu, @Ref(MmStruct.class) long mm, long address, long length) {
        long bytes = pageAlign(length);
        if (bytes <= 0 || !validRange(address, bytes)) {
            return Errno.EINVAL;
        }
        mmapLock.writeLock(cpu, mm);
        int result = munmap.unmapDowngrading(cpu, mm, address, bytes);
        unlock(cpu, mm, result == Munmap.DOWNGRADED);
        return result == Munmap.DOWNGRADED ? 0 : result;
    }

    /** mprotect to VM_READ|VM_WRITE|VM_EXEC bits; 0, -EINVAL, or -ENOMEM at a hole, with what came before changed. */
    public int mprotect(Cpu cpu, @Ref(MmStruct.class) long mm, long address, long length, long flags) {
        long bytes = (flags & ~Mprotect.RIGHTS) != 0 ? Errno.EINVAL : bytesOf(address, length);
        if (bytes <= 0) {
            return (int) bytes;
        }
        mmapLock.writeLock(cpu, mm);
        mms.splitHuge(cpu, mm, address, address + bytes);
        int error = mprotect.protect(cpu, mm, address, address + bytes, flags);
        mmapLock.writeUnlock(cpu, mm);
        return error;
    }

    /**
     * mremap.
     *
     * @param target 0, or where to move to (MREMAP_FIXED, needs {@code mayMove}); what was mapped there goes
     * @return the new address, or -EINVAL, -EFAULT (not one mapping) or -ENOMEM
     */
    public long mremap(
            Cpu cpu,
            @Ref(MmStruct.class) long mm,
            long address,
            long oldLength,
            long newLength,
            boolean mayMove,
            long target) {
        long from = pageAlign(oldLength);
        long to = pageAlign(newLength);
        if (from <= 0 || to <= 0 || !validRange(address, from) || target != 0 && !validRange(target, to)) {
            return Errno.EINVAL;
        }
        mmapLock.writeLock(cpu, mm);
        if (to < from && target == 0) {
            // Linux 4.20 mm/mremap.c, since 85a06835f6f1.
            int result = munmap.unmapDowngrading(cpu, mm, address + to, from - to);
            unlock(cpu, mm, result == Munmap.DOWNGRADED);
            return result < 0 ? result : address;
        }
        mms.splitHuge(cpu, mm, address, address + from);
        long result = mremap.remap(cpu, mm, address, from, to, mayMove, target);
        mmapLock.writeUnlock(cpu, mm);
        return result;
    }

    /**
     * mremap with MREMAP_DONTUNMAP: moves the pages of the anonymous VMA [address, address + length) elsewhere; the VMA
     * stays, empty. Where to, or -EINVAL (not one VMA) or -ENOMEM.
     */
    public long mremapDontunmap(Cpu cpu, @Ref(MmStruct.class) long mm, long address, long length) {
        mmapLock.writeLock(cpu, mm);
        mms.splitHuge(cpu, mm, address, address + length);
        long result = mremap.moveAway(cpu, mm, address, length);
        mmapLock.writeUnlock(cpu, mm);
        return result;
    }

    /** brk: the new end; the old one if it could not be set. */
    public long brk(Cpu cpu, @Ref(MmStruct.class) long mm, long end) {
        mmapLock.writeLock(cpu, mm);
        long before = MmStruct.BRK.get(cpu, mm);
        if (end < MmStruct.START_BRK.get(cpu, mm) || end >= PageTable.TASK_SIZE) {
            mmapLock.writeUnlock(cpu, mm);
            return before;
        }
        long from = pageAlign(before);
        long to = pageAlign(end);
        if (to < from && munmap.downgrades()) {
            return shrinkDowngrading(cpu, mm, before, end, from - to);
        }
        boolean done =
                to <= from ? to == from || munmap.unmap(cpu, mm, to, from - to) == 0 : brkGrow(cpu, mm, from, to);
        if (done) {
            MmStruct.BRK.set(cpu, mm, end);
        }
        mmapLock.writeUnlock(cpu, mm);
        return done ? end : before;
    }

    /**
     * The pages go with mmap_sem held for reading, so the new end must stand before. Source: Linux 4.20 mm/mmap.c,
     * brk(), since 9bc8039e715d.
     */
    private long shrinkDowngrading(Cpu cpu, long mm, long before, long end, long bytes) {
        MmStruct.BRK.set(cpu, mm, end);
        int result = munmap.unmapDowngrading(cpu, mm, pageAlign(end), bytes);
        if (result < 0) {
            MmStruct.BRK.set(cpu, mm, before);
        }
        unlock(cpu, mm, result == Munmap.DOWNGRADED);
        return result < 0 ? before : end;
    }

    /** The end of a call that may have gone on with mmap_sem held for reading. */
    private void unlock(Cpu cpu, long mm, boolean downgraded) {
        if (downgraded) {
            RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
        } else {
            mmapLock.writeUnlock(cpu, mm);
        }
    }

    private boolean brkGrow(Cpu cpu, long mm, long from, long to) {
        if (VmaTree.findIntersection(cpu, mm, from, to + PAGE_SIZE) != Cpu.NULL
                || MmStruct.MAP_COUNT.get(cpu, mm) > VmaAdjust.MAX_MAP_COUNT) {
            return false;
        }
        long flags = VmArea.VM_READ | VmArea.VM_WRITE | MmStruct.DEF_FLAGS.get(cpu, mm);
        if ((flags & VmArea.VM_LOCKED) != 0 && Mlock.overLimit(cpu, mm, to - from >> PAGE_SHIFT)) {
            return false;
        }
        return !Errno.isError(mapRegion(cpu, mm, from, to - from, flags, Cpu.NULL, from >> PAGE_SHIFT));
    }

    /** madvise(MADV_DONTNEED): drops the pages; 0, -EINVAL, or -ENOMEM if part of the range is not mapped. */
    public int madviseDontneed(Cpu cpu, @Ref(MmStruct.class) long mm, long address, long length) {
        long bytes = bytesOf(address, length);
        if (bytes <= 0) {
            return (int) bytes;
        }
        RwSem.downRead(cpu, MmStruct.MMAP_SEM.of(mm));
        int error = dontneed(cpu, mm, address, address + bytes);
        RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
        return error;
    }

    /**
     * madvise(MADV_MERGEABLE), or MADV_UNMERGEABLE, which also copies what was merged; 0, -EINVAL (nobody merges), or
     * -ENOMEM (memory is out, or part of the range is not mapped).
     */
    public int madviseMergeable(Cpu cpu, @Ref(MmStruct.class) long mm, long address, long length, boolean mergeable) {
        long bytes = bytesOf(address, length);
        if (bytes <= 0) {
            return (int) bytes;
        }
        mmapLock.writeLock(cpu, mm);
        mms.splitHuge(cpu, mm, address, address + bytes);
        int error = merging.advise(cpu, mm, address, address + bytes, mergeable);
        mmapLock.writeUnlock(cpu, mm);
        return error;
    }

    /**
     * madvise(MADV_COLLAPSE): maps the aligned parts of the range by huge pages. 0, -EINVAL (there are no huge pages,
     * or they do not suit), or the error of the first part that could not be: -ENOMEM or -EAGAIN.
     */
    public int madviseCollapse(Cpu cpu, @Ref(MmStruct.class) long mm, long address, long length) {
        long bytes = bytesOf(address, length);
        if (bytes <= 0 || mms.huge() == null) {
            return mms.huge() == null ? Errno.EINVAL : (int) bytes;
        }
        // Pages in pagevecs have references.
        lru.drainAll(cpu);
        int error = 0;
        mmapLock.writeLock(cpu, mm);
        long at = address + HugePages.OFFSET_MASK & -HugePages.SIZE;
        for (; error == 0 && at + HugePages.SIZE <= address + bytes; at += HugePages.SIZE) {
            error = mms.collapse(cpu, mm, at);
        }
        mmapLock.writeUnlock(cpu, mm);
        return error;
    }

    private int dontneed(Cpu cpu, long mm, long start, long end) {
        cpu.tell(Event.MM_CHANGED, mm, 0);
        int error = 0;
        long at = start;
        // Ends: every round moves past one VMA, or returns.
        while (at < end) {
            long vma = VmaTree.findIntersection(cpu, mm, at, end);
            if (vma == Cpu.NULL) {
                return Errno.ENOMEM;
            }
            if (VmArea.VM_START.readOnce(cpu, vma) > at) {
                error = Errno.ENOMEM;
                at = VmArea.VM_START.readOnce(cpu, vma);
            }
            if ((VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_LOCKED) != 0) {
                return Errno.EINVAL;
            }
            long to = Math.min(end, VmArea.VM_END.get(cpu, vma));
            lru.drain(cpu);
            long gather = gathers.begin(cpu, mm, false);
            munmap.zap().zapRange(cpu, gather, mm, at, to, false, 0);
            gathers.finish(cpu, gather);
            at = to;
        }
        return error;
    }

    /** Whole pages of a range that must begin with one: their bytes, 0 if there are none, -EINVAL or -ENOMEM. */
    private static long bytesOf(long address, long length) {
        if ((address & OFFSET_MASK) != 0 || length < 0) {
            return Errno.EINVAL;
        }
        long bytes = pageAlign(length);
        return bytes == 0 || validRange(address, bytes) ? bytes : Errno.ENOMEM;
    }

    private static long pageAlign(long bytes) {
        return bytes + OFFSET_MASK & ~OFFSET_MASK;
    }

    private static boolean validRange(long address, long bytes) {
        return (address & OFFSET_MASK) == 0
                && address >= PAGE_SIZE
                && bytes <= PageTable.TASK_SIZE
                && address <= PageTable.TASK_SIZE - bytes;
    }
}
