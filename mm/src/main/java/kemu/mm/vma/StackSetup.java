package kemu.mm.vma;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;
import static kemu.hw.mem.PhysMem.PAGE_SIZE;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Lru;
import kemu.mm.pgtable.MmuGather;
import kemu.mm.pgtable.PageTable;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * The stack of a program that starts. exec does not know yet where it will be when it copies the arguments, so it has
 * them at the top of the new address space and moves them down, with the VMA. That has the new place before the ptes
 * have: for a while a walk does not find them. {@link VmArea#VM_STACK_INCOMPLETE} says so.
 *
 * <p>Source: Linux 2.6.36 fs/exec.c, bprm_mm_init(), setup_arg_pages(), shift_arg_pages().
 */
public final class StackSetup {
    /** Where temporary stacks end. */
    static final long TOP = PageTable.TASK_SIZE;

    private final Lru lru;
    private final MmuGather gathers;
    private final ForeignFaults faults;
    private final Mmap mmap;
    private final MmapLock mmapLock;
    private final VmaAdjust vmas;
    private final MergeLink merging;
    private final MovePageTables ptes;

    /** Stacks in address spaces of {@code mms}, whose pages {@code faults} brings. Boot only. */
    public StackSetup(
            Lru lru,
            PageTable pageTable,
            MmuGather gathers,
            AnonVmaLocking locking,
            Mms mms,
            Mmap mmap,
            ForeignFaults faults) {
        this.lru = lru;
        this.gathers = gathers;
        this.mmap = mmap;
        this.faults = faults;
        mmapLock = mms.mmapLock();
        vmas = mms.vmas();
        merging = mms.merging();
        ptes = new MovePageTables(pageTable, locking);
    }

    /**
     * A temporary stack of {@code pages} pages in {@code mm}, which is empty, with pages for arguments in all of them;
     * where it begins, or -ENOMEM. Context: may sleep.
     *
     * @param flags VM_ bits of the stack, which is writable and grows down
     */
    public long begin(Cpu cpu, @Ref(MmStruct.class) long mm, int pages, long flags) {
        long bytes = (long) pages << PAGE_SHIFT;
        long start = mmap.mmap(cpu, mm, TOP - bytes, bytes, flags | VmArea.VM_STACK_INCOMPLETE, true, Cpu.NULL, 0);
        if (Errno.isError(start)) {
            return start;
        }
        mmapLock.writeLock(cpu, mm);
        long vma = VmaTree.find(cpu, mm, start);
        boolean done = true;
        for (long at = start; done && at < TOP; at += PAGE_SIZE) {
            done = faults.handleLocked(cpu, vma, at, true) >= 0;
        }
        mmapLock.writeUnlock(cpu, mm);
        return done ? start : Errno.ENOMEM;
    }

    /**
     * setup_arg_pages: moves the temporary stack of {@code mm}, which has no other VMA, so that it ends at {@code end},
     * and lets it grow down to {@code start}; 0 or -ENOMEM, then the address space is good for nothing but exit.
     * Context: may sleep.
     */
    public int finish(Cpu cpu, @Ref(MmStruct.class) long mm, long start, long end) {
        mmapLock.writeLock(cpu, mm);
        long vma = VmaTree.find(cpu, mm, TOP - 1);
        int error = end == TOP ? 0 : shift(cpu, mm, vma, TOP - end);
        if (error == 0) {
            long flags = VmArea.VM_FLAGS.get(cpu, vma);
            VmArea.VM_FLAGS.writeOnce(cpu, vma, flags & ~VmArea.VM_STACK_INCOMPLETE);
            error = growTo(cpu, vma, start, end);
        }
        mmapLock.writeUnlock(cpu, mm);
        return error;
    }

    /** shift_arg_pages: moves {@code vma} down by {@code shift} bytes. Its pages keep their numbers. */
    private int shift(Cpu cpu, long mm, long vma, long shift) {
        long oldStart = VmArea.VM_START.get(cpu, vma);
        long oldEnd = VmArea.VM_END.get(cpu, vma);
        long newStart = oldStart - shift;
        long newEnd = oldEnd - shift;
        long pgoff = VmArea.VM_PGOFF.get(cpu, vma);
        if (merging.moves(cpu, vma, oldStart, oldEnd) != 0) {
            return Errno.ENOMEM;
        }
        // Both places, so that nothing lies outside while ptes move; from here walks look at the new one.
        if (vmas.adjust(cpu, vma, newStart, oldEnd, pgoff, Cpu.NULL) != 0) {
            return Errno.ENOMEM;
        }
        long length = oldEnd - oldStart;
        if (ptes.move(cpu, mm, vma, oldStart, newStart, length, false) != length) {
            return Errno.ENOMEM;
        }
        lru.drain(cpu);
        long gather = gathers.begin(cpu, mm, false);
        gathers.freeRange(cpu, gather, mm, Math.max(newEnd, oldStart), oldEnd, newEnd, Munmap.NO_CEILING);
        gathers.finish(cpu, gather);
        return vmas.adjust(cpu, vma, newStart, newEnd, pgoff, Cpu.NULL);
    }

    private int growTo(Cpu cpu, long vma, long start, long end) {
        long before = VmArea.VM_START.get(cpu, vma);
        long pgoff = VmArea.VM_PGOFF.get(cpu, vma) - (before - start >> PAGE_SHIFT);
        return start >= before ? 0 : vmas.adjust(cpu, vma, start, end, pgoff, Cpu.NULL);
    }
}
