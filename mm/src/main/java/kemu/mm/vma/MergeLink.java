package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * What calls on address spaces have to do about KSM: nothing, unless there is somebody who merges pages. Source: Linux
 * 2.6.36 mm/ksm.c, ksm_madvise(), and mm/madvise.c, madvise_behavior().
 */
final class MergeLink extends VmaModify {
    private final VmaLookup lookup;
    private PageMerging merging;
    private boolean any;

    MergeLink(VmaAdjust vmas, VmaMerge merges, VmaLookup lookup) {
        super(vmas, merges);
        this.lookup = lookup;
    }

    /** Sets who merges pages, and whether {@code those} of every mapping. Boot only. */
    void merging(PageMerging those, boolean ofAll) {
        merging = those;
        any = ofAll && those != null;
    }

    /**
     * ksm_add_vma: the flags of a new mapping that is to have {@code flags}. If memory for the slot of {@code mm} is
     * out, its pages are not merged. Context: mmap_sem (W). Source: Linux 6.4 mm/ksm.c.
     */
    long flagsOf(Cpu cpu, @Ref(MmStruct.class) long mm, long flags) {
        if (!any || (flags & VmArea.VM_SHARED) != 0 || !known(cpu, mm) && merging.enter(cpu, mm) != 0) {
            return flags;
        }
        return flags | VmArea.VM_MERGEABLE;
    }

    /** ksm_fork: 0 or -ENOMEM. Context: both mmap_sems (W). */
    int fork(Cpu cpu, @Ref(MmStruct.class) long child, @Ref(MmStruct.class) long parent) {
        return merging != null && known(cpu, parent) ? merging.enter(cpu, child) : 0;
    }

    /** ksm_exit. Context: the last user is gone; may sleep. */
    void exit(Cpu cpu, @Ref(MmStruct.class) long mm) {
        if (merging != null && known(cpu, mm)) {
            merging.exit(cpu, mm);
        }
    }

    private static boolean known(Cpu cpu, long mm) {
        return (MmStruct.FLAGS.readOnce(cpu, mm) & MmStruct.MMF_VM_MERGEABLE) != 0;
    }

    /**
     * The pages of [start, end) of {@code vma} are about to move: at their new place they would be taken for others
     * that were merged there. 0 or -ENOMEM. Context: mmap_sem (W), may sleep.
     */
    int moves(Cpu cpu, @Ref(VmArea.class) long vma, long start, long end) {
        boolean merges = merging != null && (VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_MERGEABLE) != 0;
        return merges && VmArea.ANON_VMA.readOnce(cpu, vma) != Cpu.NULL ? merging.unmerge(cpu, vma, start, end) : 0;
    }

    /** madvise(MADV_MERGEABLE or MADV_UNMERGEABLE): see {@link Mmap#madviseMergeable}. Context: mmap_sem (W). */
    int advise(Cpu cpu, @Ref(MmStruct.class) long mm, long start, long end, boolean mergeable) {
        if (merging == null) {
            return Errno.EINVAL;
        }
        int hole = 0;
        long at = start;
        // Ends: every round moves past one VMA, or returns.
        while (at < end) {
            long vma = VmaTree.findIntersection(cpu, mm, at, end);
            if (vma == Cpu.NULL) {
                return Errno.ENOMEM;
            }
            if (VmArea.VM_START.get(cpu, vma) > at) {
                hole = Errno.ENOMEM;
                at = VmArea.VM_START.get(cpu, vma);
            }
            long to = Math.min(end, VmArea.VM_END.get(cpu, vma));
            int error = fixup(cpu, mm, vma, at, to, mergeable ? VmArea.VM_MERGEABLE : 0);
            if (error != 0) {
                return error;
            }
            at = to;
        }
        return hole;
    }

    /** ksm_madvise, and what madvise_behavior does with the flags. */
    @Override
    int fixup(Cpu cpu, @Ref(MmStruct.class) long mm, @Ref(VmArea.class) long vma, long start, long end, long bits) {
        long oldFlags = VmArea.VM_FLAGS.get(cpu, vma);
        boolean mergeable = bits != 0;
        boolean was = (oldFlags & VmArea.VM_MERGEABLE) != 0;
        if (was == mergeable || mergeable && (oldFlags & VmArea.VM_SHARED) != 0) {
            return 0;
        }
        if (mergeable && !known(cpu, mm) && merging.enter(cpu, mm) != 0) {
            return Errno.ENOMEM;
        }
        if (!mergeable && moves(cpu, vma, start, end) != 0) {
            return Errno.ENOMEM;
        }
        long flags = oldFlags ^ VmArea.VM_MERGEABLE;
        long changed = modify(cpu, mm, vma, start, end, flags);
        if (changed == Cpu.NULL) {
            return Errno.ENOMEM;
        }
        lookup.startWrite(cpu, changed);
        VmArea.VM_FLAGS.writeOnce(cpu, changed, flags);
        return 0;
    }
}
