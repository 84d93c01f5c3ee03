package kemu.mm.vma;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * A call that changes flags of a range, as mprotect and mlock do: of each VMA the part in the range becomes a VMA of
 * its own, or part of a neighbour, and has other flags then. Context: mmap_sem (W), may sleep.
 *
 * <p>Source: Linux 2.6.36 mm/mprotect.c and mm/mlock.c, which have it twice; 6.7 mm/mmap.c, vma_modify_flags().
 */
abstract class VmaModify {
    private final VmaAdjust vmas;
    private final VmaMerge merges;

    VmaModify(VmaAdjust vmas, VmaMerge merges) {
        this.vmas = vmas;
        this.merges = merges;
    }

    /** [start, end) lies in {@code vma} and is to have {@code bits}; 0, or the error that ends the call. */
    abstract int fixup(
            Cpu cpu, @Ref(MmStruct.class) long mm, @Ref(VmArea.class) long vma, long start, long end, long bits);

    /** {@link #fixup} of each VMA of [start, end), page-aligned; 0, -ENOMEM at a hole, or the first error. */
    final int change(Cpu cpu, @Ref(MmStruct.class) long mm, long start, long end, long bits) {
        long at = start;
        // Ends: every round moves past one VMA, or returns.
        while (at < end) {
            long vma = VmaTree.find(cpu, mm, at);
            if (vma == Cpu.NULL || VmArea.VM_START.get(cpu, vma) > at) {
                return Errno.ENOMEM;
            }
            long to = Math.min(end, VmArea.VM_END.get(cpu, vma));
            int error = fixup(cpu, mm, vma, at, to, bits);
            if (error != 0) {
                return error;
            }
            at = to;
        }
        return 0;
    }

    /**
     * vma_modify_flags: the VMA in which [start, end) of {@code vma}, which is to have {@code flags}, lies after
     * merging and splitting; NULL if memory is out. Also after a merge the flags are the caller's to set: in case 8 it
     * is this VMA that swallowed the next one.
     */
    @Ref(VmArea.class)
    final long modify(
            Cpu cpu, @Ref(MmStruct.class) long mm, @Ref(VmArea.class) long vma, long start, long end, long flags) {
        long pgoff = VmArea.VM_PGOFF.get(cpu, vma) + (start - VmArea.VM_START.get(cpu, vma) >> PAGE_SHIFT);
        long prev = VmArea.VM_START.get(cpu, vma) < start ? vma : VmArea.VM_PREV.get(cpu, vma);
        long merged = merges.merge(
                cpu, mm, prev, start, end, flags, VmArea.ANON_VMA.get(cpu, vma), VmArea.VM_FILE.get(cpu, vma), pgoff);
        if (merged != Cpu.NULL) {
            return merged;
        }
        boolean out = start != VmArea.VM_START.get(cpu, vma) && vmas.split(cpu, vma, start, true) != 0
                || end != VmArea.VM_END.get(cpu, vma) && vmas.split(cpu, vma, end, false) != 0;
        return out ? Cpu.NULL : vma;
    }
}
