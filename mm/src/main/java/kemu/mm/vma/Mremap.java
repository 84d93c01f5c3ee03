package kemu.mm.vma;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.file.Files;
import kemu.mm.pgtable.PageTable;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * mremap: grows or shrinks a mapping where it is, or moves it with its pages.
 *
 * <p>Context: mmap_sem (W), may sleep. Source: Linux 2.6.36 mm/mremap.c, and copy_vma() of mm/mmap.c.
 */
final class Mremap {

    private final Files files;
    private final AnonVmas anonVmas;
    private final VmaLinks links;
    private final VmaAdjust vmas;
    private final VmaMerge merges;
    private final Munmap munmap;
    private final MoveOrder order;
    private final MovePageTables ptes;
    private final MergeLink merging;
    private Population population;

    Mremap(
            MovePageTables ptes,
            Files files,
            AnonVmas anonVmas,
            VmaLinks links,
            VmaAdjust vmas,
            VmaMerge merges,
            Munmap munmap,
            MoveOrder order,
            MergeLink merging) {
        this.order = order;
        this.merging = merging;
        this.ptes = ptes;
        this.files = files;
        this.anonVmas = anonVmas;
        this.links = links;
        this.vmas = vmas;
        this.merges = merges;
        this.munmap = munmap;
    }

    /** Boot only. */
    void population(Population those) {
        population = those;
    }

    /**
     * As {@link Mmap#mremap}, except that shrinking in place is done there; everything is page-aligned and positive.
     */
    long remap(
            Cpu cpu,
            @Ref(MmStruct.class) long mm,
            long address,
            long oldLength,
            long newLength,
            boolean mayMove,
            long target) {
        long length = oldLength;
        if (target != 0) {
            if (!mayMove || target < address + oldLength && address < target + newLength) {
                return Errno.EINVAL;
            }
            int error = munmap.unmap(cpu, mm, target, newLength);
            if (error != 0) {
                return error;
            }
        }
        if (length == newLength && target == 0) {
            return address;
        }
        if (length > newLength) {
            int error = munmap.unmap(cpu, mm, address + newLength, length - newLength);
            if (error != 0) {
                return error;
            }
            length = newLength;
        }
        long vma = VmaTree.find(cpu, mm, address);
        if (vma == Cpu.NULL
                || VmArea.VM_START.get(cpu, vma) > address
                || VmArea.VM_END.get(cpu, vma) < address + length) {
            return Errno.EFAULT;
        }
        boolean locked = (VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_LOCKED) != 0;
        if (locked && Mlock.overLimit(cpu, mm, newLength - length >> PAGE_SHIFT)) {
            return Errno.EAGAIN;
        }
        if (target != 0) {
            return move(cpu, mm, vma, address, length, newLength, target);
        }
        if (growInPlace(cpu, vma, address, length, newLength)) {
            if (locked) {
                lockMore(cpu, mm, newLength - length, address + length, address + newLength);
            }
            return address;
        }
        if (!mayMove) {
            return Errno.ENOMEM;
        }
        long free = UnmappedArea.find(cpu, mm, 0, newLength);
        return Errno.isError(free) ? free : move(cpu, mm, vma, address, length, newLength, free);
    }

    /**
     * MREMAP_DONTUNMAP: moves the pages of a whole VMA, which stays, empty and without anon_vma; where to, or an error.
     * Source: Linux 5.7 mm/mremap.c, move_vma().
     */
    long moveAway(Cpu cpu, @Ref(MmStruct.class) long mm, long address, long length) {
        long vma = VmaTree.find(cpu, mm, address);
        if (vma == Cpu.NULL
                || VmArea.VM_FILE.get(cpu, vma) != Cpu.NULL
                || VmArea.VM_START.get(cpu, vma) != address
                || VmArea.VM_END.get(cpu, vma) != address + length) {
            return Errno.EINVAL;
        }
        long free = UnmappedArea.find(cpu, mm, 0, length);
        if (Errno.isError(free)) {
            return free;
        }
        if (merging.moves(cpu, vma, address, address + length) != 0) {
            return Errno.ENOMEM;
        }
        links.lookup().startWrite(cpu, vma);
        long destination = copyVma(cpu, mm, vma, free, length, VmArea.VM_PGOFF.get(cpu, vma));
        if (destination == Cpu.NULL) {
            return Errno.ENOMEM;
        }
        if (!moveOrReturn(cpu, mm, vma, destination, address, free, length)) {
            munmap.unmap(cpu, mm, free, length);
            return Errno.ENOMEM;
        }
        // The copy may have merged with what was copied, or both with a third.
        long source = VmaTree.find(cpu, mm, address);
        if (source != destination) {
            anonVmas.unlinkAnonVmas(cpu, source);
            // Lockedness moves with the pages, and so does what it counts for.
            VmArea.VM_FLAGS.writeOnce(cpu, source, VmArea.VM_FLAGS.get(cpu, source) & ~VmArea.VM_LOCKED);
        }
        return free;
    }

    /** {@code bytes} more are locked, and [from, to) is new. */
    private void lockMore(Cpu cpu, long mm, long bytes, long from, long to) {
        MmStruct.LOCKED_VM.set(cpu, mm, MmStruct.LOCKED_VM.get(cpu, mm) + (bytes >> PAGE_SHIFT));
        if (from < to) {
            population.mlockPages(cpu, VmaTree.find(cpu, mm, from), from, to);
        }
    }

    private boolean growInPlace(Cpu cpu, long vma, long address, long oldLength, long newLength) {
        if (VmArea.VM_END.get(cpu, vma) != address + oldLength) {
            return false;
        }
        long next = VmArea.VM_NEXT.get(cpu, vma);
        long limit = next == Cpu.NULL ? PageTable.TASK_SIZE : VmArea.VM_START.get(cpu, next);
        return newLength <= limit - address
                && vmas.adjust(
                                cpu,
                                vma,
                                VmArea.VM_START.get(cpu, vma),
                                address + newLength,
                                VmArea.VM_PGOFF.get(cpu, vma),
                                Cpu.NULL)
                        == 0;
    }

    /** move_vma: [address, address + oldLength) lies in {@code source}; the target range is free. */
    private long move(Cpu cpu, long mm, long source, long address, long oldLength, long newLength, long target) {
        if (MmStruct.MAP_COUNT.get(cpu, mm) >= VmaAdjust.MAX_MAP_COUNT - 3) {
            return Errno.ENOMEM;
        }
        if (merging.moves(cpu, source, address, address + oldLength) != 0) {
            return Errno.ENOMEM;
        }
        links.lookup().startWrite(cpu, source);
        long pgoff = VmArea.VM_PGOFF.get(cpu, source) + (address - VmArea.VM_START.get(cpu, source) >> PAGE_SHIFT);
        // Asked before the copy, which may merge with the source and free it.
        boolean locked = (VmArea.VM_FLAGS.get(cpu, source) & VmArea.VM_LOCKED) != 0;
        long destination = copyVma(cpu, mm, source, target, newLength, pgoff);
        if (destination == Cpu.NULL) {
            return Errno.ENOMEM;
        }
        if (locked) {
            // Before anything can fail: what is unmapped below is taken off again.
            lockMore(cpu, mm, newLength, 0, 0);
        }
        if (!moveOrReturn(cpu, mm, source, destination, address, target, oldLength)) {
            munmap.unmap(cpu, mm, target, newLength);
            return Errno.ENOMEM;
        }
        // If a split fails the empty old mapping stays, as in the kernel.
        munmap.unmap(cpu, mm, address, oldLength);
        if (locked) {
            lockMore(cpu, mm, 0, target + oldLength, target + newLength);
        }
        return target;
    }

    /** copy_vma: a VMA like {@code source} at {@code start}, or a neighbour extended to it; NULL if memory is out. */
    private long copyVma(Cpu cpu, long mm, long source, long start, long length, long wantedPgoff) {
        long file = VmArea.VM_FILE.get(cpu, source);
        long anonVma = VmArea.ANON_VMA.get(cpu, source);
        // Never faulted: renumber, so that it may merge at its new place.
        long pgoff = file == Cpu.NULL && anonVma == Cpu.NULL ? start >> PAGE_SHIFT : wantedPgoff;
        long end = start + length;
        long prev = VmaTree.findPrev(cpu, mm, start);
        long merged = merges.mergeCopy(cpu, mm, prev, start, end, source, pgoff);
        if (merged != Cpu.NULL) {
            return merged;
        }
        long fresh = links.alloc(cpu);
        if (fresh == Cpu.NULL) {
            return Cpu.NULL;
        }
        VmaAdjust.copyVma(cpu, fresh, source);
        VmArea.VM_START.set(cpu, fresh, start);
        VmArea.VM_END.set(cpu, fresh, end);
        VmArea.VM_PGOFF.set(cpu, fresh, pgoff);
        if (anonVmas.anonVmaClone(cpu, fresh, source) != 0) {
            links.free(cpu, fresh);
            return Cpu.NULL;
        }
        if (file != Cpu.NULL) {
            files.get(cpu, file);
        }
        if (links.link(cpu, mm, fresh) != 0) {
            anonVmas.unlinkAnonVmas(cpu, fresh);
            if (file != Cpu.NULL) {
                files.put(cpu, file);
            }
            links.free(cpu, fresh);
            return Cpu.NULL;
        }
        return fresh;
    }

    /**
     * Moves all ptes, and all of them back if memory for tables is out: those of the old place are still there, so this
     * does not fail. True if they have moved.
     */
    private boolean moveOrReturn(Cpu cpu, long mm, long source, long destination, long from, long to, long length) {
        boolean isNew =
                VmArea.VM_START.get(cpu, destination) == to && VmArea.VM_END.get(cpu, destination) == to + length;
        boolean locks = order.locks(cpu, anonVmas, source, destination, isNew, false);
        long moved = ptes.move(cpu, mm, destination, from, to, length, locks);
        if (moved == length) {
            return true;
        }
        locks = order.locks(cpu, anonVmas, destination, source, isNew, true);
        ptes.move(cpu, mm, destination, to, from, moved, locks);
        return false;
    }
}
