package kemu.mm.vma;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.file.AddressSpace;
import kemu.mm.huge.HugePages;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.types.AnonVma;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/**
 * vma_merge: makes one VMA of neighbours that differ in nothing but their range.
 *
 * <p>With P, N for the VMAs before and after, A for the range and X for a VMA that A belongs to now, the cases are, by
 * Linux's numbers: 1 PAN to P, 2 PA to P, 3 AN to N; and for mprotect 4 P shrinks and N grows, 5 P grows and N shrinks,
 * 6 PXN to P, 7 PX to P, 8 XN to X.
 *
 * <p>Context: mmap_sem (W), may sleep. Source: Linux 2.6.36 mm/mmap.c.
 */
final class VmaMerge {

    private final VmaAdjust vmas;
    private final AnonVmas anonVmas;
    private final CopiedMerge copies;
    /** Null: there are no huge pages. */
    private final HugePages huge;

    VmaMerge(VmaAdjust vmas, AnonVmas anonVmas, CopiedMerge copies, HugePages huge) {
        this.huge = huge;
        this.vmas = vmas;
        this.anonVmas = anonVmas;
        this.copies = copies;
    }

    /**
     * Lets a neighbour cover [start, end) with the given attributes. Nothing is mapped there, or all of it belongs to
     * {@code prev} or to the VMA after {@code prev}.
     *
     * @param prev the last VMA that starts below {@code start} and is not wholly replaced, NULL if none
     * @return the VMA that covers the range now, or NULL if none can (or memory is out): then nothing changed
     */
    @Ref(VmArea.class)
    long merge(
            Cpu cpu,
            @Ref(MmStruct.class) long mm,
            @Ref(VmArea.class) long prev,
            long start,
            long end,
            long flags,
            @Ref(AnonVma.class) long anonVma,
            @Ref(AddressSpace.class) long file,
            long pgoff) {
        return merge(cpu, mm, prev, start, end, flags, anonVma, file, pgoff, Cpu.NULL);
    }

    /** The same for a range where nothing is mapped, which pages of {@code source} are going to move to. */
    @Ref(VmArea.class)
    long mergeCopy(
            Cpu cpu,
            @Ref(MmStruct.class) long mm,
            @Ref(VmArea.class) long prev,
            long start,
            long end,
            @Ref(VmArea.class) long source,
            long pgoff) {
        long flags = VmArea.VM_FLAGS.get(cpu, source);
        long anonVma = VmArea.ANON_VMA.get(cpu, source);
        return merge(cpu, mm, prev, start, end, flags, anonVma, VmArea.VM_FILE.get(cpu, source), pgoff, source);
    }

    private long merge(
            Cpu cpu,
            long mm,
            long prev,
            long start,
            long end,
            long flags,
            long anonVma,
            long file,
            long pgoff,
            long source) {
        long merged = mergeNeighbours(cpu, mm, prev, start, end, flags, anonVma, file, pgoff, source);
        if (merged != Cpu.NULL && huge != null) {
            huge.grown(cpu, mm, merged);
        }
        return merged;
    }

    private long mergeNeighbours(
            Cpu cpu,
            long mm,
            long prev,
            long start,
            long end,
            long flags,
            long anonVma,
            long file,
            long pgoff,
            long source) {
        long area = prev == Cpu.NULL ? MmStruct.MMAP.get(cpu, mm) : VmArea.VM_NEXT.get(cpu, prev);
        long next = area;
        if (next != Cpu.NULL && VmArea.VM_END.get(cpu, next) == end) {
            next = VmArea.VM_NEXT.get(cpu, next); // cases 6, 7, 8
        }
        long pages = end - start >> PAGE_SHIFT;
        boolean before = next != Cpu.NULL
                && VmArea.VM_START.get(cpu, next) == end
                && compatible(cpu, next, flags, anonVma, file, source)
                && VmArea.VM_PGOFF.get(cpu, next) == pgoff + pages;
        if (prev != Cpu.NULL
                && VmArea.VM_END.get(cpu, prev) == start
                && compatible(cpu, prev, flags, anonVma, file, source)
                && pgoffAtEnd(cpu, prev) == pgoff) {
            boolean both = before && sameAnonVma(VmArea.ANON_VMA.get(cpu, prev), VmArea.ANON_VMA.get(cpu, next));
            long to = both ? VmArea.VM_END.get(cpu, next) : end; // cases 1, 6; else 2, 5, 7
            int error = source == Cpu.NULL ? 0 : copies.grows(cpu, anonVmas, prev, source);
            if (error == 0) {
                error = vmas.adjust(
                        cpu, prev, VmArea.VM_START.get(cpu, prev), to, VmArea.VM_PGOFF.get(cpu, prev), Cpu.NULL);
            }
            return error == 0 ? prev : Cpu.NULL;
        }
        if (before && source != Cpu.NULL && copies.grows(cpu, anonVmas, next, source) != 0) {
            return Cpu.NULL;
        }
        return before ? mergeBefore(cpu, prev, area, next, start, pages) : Cpu.NULL;
    }

    private long mergeBefore(Cpu cpu, long prev, long area, long next, long start, long pages) {
        if (prev != Cpu.NULL && start < VmArea.VM_END.get(cpu, prev)) { // case 4
            int error = vmas.adjust(
                    cpu, prev, VmArea.VM_START.get(cpu, prev), start, VmArea.VM_PGOFF.get(cpu, prev), Cpu.NULL);
            return error == 0 ? next : Cpu.NULL;
        }
        long pgoff = VmArea.VM_PGOFF.get(cpu, next) - pages;
        int error = vmas.adjust(cpu, area, start, VmArea.VM_END.get(cpu, next), pgoff, Cpu.NULL); // cases 3, 8
        return error == 0 ? area : Cpu.NULL;
    }

    private static long pgoffAtEnd(Cpu cpu, long vma) {
        return VmArea.VM_PGOFF.get(cpu, vma)
                + (VmArea.VM_END.get(cpu, vma) - VmArea.VM_START.get(cpu, vma) >> PAGE_SHIFT);
    }

    /** is_mergeable_vma and is_mergeable_anon_vma. */
    private boolean compatible(Cpu cpu, long vma, long flags, long anonVma, long file, long source) {
        return VmArea.VM_FLAGS.get(cpu, vma) == flags
                && VmArea.VM_FILE.get(cpu, vma) == file
                && (flags & VmArea.VM_STACK_INCOMPLETE) == 0
                && (source == Cpu.NULL
                        ? sameAnonVma(VmArea.ANON_VMA.get(cpu, vma), anonVma)
                        : copies.mayGrow(cpu, vma, source));
    }

    /** For a VMA that takes over the pages of another it absorbs, and that one's anon_vma with them. */
    private static boolean sameAnonVma(long a, long b) {
        return a == Cpu.NULL || b == Cpu.NULL || a == b;
    }
}
