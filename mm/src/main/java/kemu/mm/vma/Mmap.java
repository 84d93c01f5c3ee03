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

    /** Boot only. */
    public Mmap(
            Machine machine, Lru lru, PageTable pageTable, Files files, AnonVmas anonVmas, MmuGather gathers, Mms mms) {
        this.lru = lru;
        this.files = files;
        this.gathers = gathers;
        links = mms.links();
        mmapLock = mms.mmapLock();
        VmaAdjust vmas = mms.vmas();
        munmap = mms.unmaps();
        merges = new VmaMerge(vmas);
        mprotect = new Mprotect(machine, pageTable, vmas, merges, links.lookup());
        mremap = new Mremap(pageTable, files, anonVmas, links, vmas, merges, munmap);
    }

    /**
     * mmap.
     *
     * @param address where; without {@code fixed} only a hint, with it what was mapped there goes
     * @param flags {@code VM_} bits; VM_SHARED needs a file
     * @param file an address_space, of which the mapping takes its own reference; or NULL for anonymous memory
     * @param pageOffset first page of the file
     * @return the address mapped, or -EINVAL or -ENOMEM
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
        mmapLock.writeLock(cpu, mm);
        long result = mmapLocked(cpu, mm, address & ~OFFSET_MASK, bytes, flags, fixed, file, pageOffset);
        mmapLock.writeUnlock(cpu, mm);
        return result;
    }

    private long mmapLocked(
            Cpu cpu, long mm, long hint, long length, long flags, boolean fixed, long file, long pageOffset) {
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
        if (result == Munmap.DOWNGRADED) {
            RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
            return 0;
        }
        mmapLock.writeUnlock(cpu, mm);
        return result;
    }

    /** mprotect to VM_READ|VM_WRITE|VM_EXEC bits; 0, -EINVAL, or -ENOMEM at a hole, with what came before changed. */
    public int mprotect(Cpu cpu, @Ref(MmStruct.class) long mm, long address, long length, long flags) {
        long bytes = pageAlign(length);
        if ((flags & ~Mprotect.RIGHTS) != 0 || (address & OFFSET_MASK) != 0 || length < 0) {
            return Errno.EINVAL;
        }
        if (bytes == 0) {
            return 0;
        }
        if (!validRange(address, bytes)) {
            return Errno.ENOMEM;
        }
        mmapLock.writeLock(cpu, mm);
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
        long result = mremap.moveAway(cpu, mm, address, length);
        mmapLock.writeUnlock(cpu, mm);
        return result;
    }

    /** brk: the new end; the old one if it could not be set. */
    public long brk(Cpu cpu, @Ref(MmStruct.class) long mm, long end) {
        mmapLock.writeLock(cpu, mm);
        if (brkLocked(cpu, mm, end)) {
            MmStruct.BRK.set(cpu, mm, end);
        }
        long result = MmStruct.BRK.get(cpu, mm);
        mmapLock.writeUnlock(cpu, mm);
        return result;
    }

    private boolean brkLocked(Cpu cpu, long mm, long end) {
        if (end < MmStruct.START_BRK.get(cpu, mm) || end >= PageTable.TASK_SIZE) {
            return false;
        }
        long from = pageAlign(MmStruct.BRK.get(cpu, mm));
        long to = pageAlign(end);
        if (to <= from) {
            return to == from || munmap.unmap(cpu, mm, to, from - to) == 0;
        }
        if (VmaTree.findIntersection(cpu, mm, from, to + PAGE_SIZE) != Cpu.NULL
                || MmStruct.MAP_COUNT.get(cpu, mm) > VmaAdjust.MAX_MAP_COUNT) {
            return false;
        }
        long flags = VmArea.VM_READ | VmArea.VM_WRITE;
        return !Errno.isError(mapRegion(cpu, mm, from, to - from, flags, Cpu.NULL, from >> PAGE_SHIFT));
    }

    /** madvise(MADV_DONTNEED): drops the pages; 0, -EINVAL, or -ENOMEM if part of the range is not mapped. */
    public int madviseDontneed(Cpu cpu, @Ref(MmStruct.class) long mm, long address, long length) {
        long bytes = pageAlign(length);
        if ((address & OFFSET_MASK) != 0 || length < 0) {
            return Errno.EINVAL;
        }
        if (bytes == 0) {
            return 0;
        }
        if (!validRange(address, bytes)) {
            return Errno.ENOMEM;
        }
        RwSem.downRead(cpu, MmStruct.MMAP_SEM.of(mm));
        int error = dontneed(cpu, mm, address, address + bytes);
        RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
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
            munmap.zap().zapRange(cpu, gather, mm, at, to, false);
            gathers.finish(cpu, gather);
            at = to;
        }
        return error;
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
