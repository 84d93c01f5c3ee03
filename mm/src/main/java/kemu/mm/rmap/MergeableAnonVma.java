package kemu.mm.rmap;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.AnonVma;
import kemu.mm.types.VmArea;
import kemu.rcu.list.ListHead;

/**
 * find_mergeable_anon_vma: two VMAs that only mprotect keeps apart share an anon_vma, so that they can be merged again.
 * Source: Linux 2.6.36 mm/mmap.c.
 */
final class MergeableAnonVma {
    private static final long MERGEABLE_DIFFERENCE = VmArea.VM_READ | VmArea.VM_WRITE | VmArea.VM_EXEC;

    private MergeableAnonVma() {}

    /** An anon_vma that a neighbour may share with {@code vma}, or NULL. Next first. Context: mmap_sem. */
    static @Ref(AnonVma.class) long find(Cpu cpu, AnonVmaLife life, @Ref(VmArea.class) long vma) {
        long next = VmArea.VM_NEXT.get(cpu, vma);
        if (next != Cpu.NULL) {
            long shared = reusable(cpu, life, next, vma, next);
            if (shared != Cpu.NULL) {
                return shared;
            }
        }
        long previous = VmArea.VM_PREV.get(cpu, vma);
        return previous == Cpu.NULL ? Cpu.NULL : reusable(cpu, life, previous, previous, vma);
    }

    /**
     * The anon_vma of {@code owner} if {@code low} and {@code high} could be one VMA but for mprotect, and it never
     * forked.
     */
    private static long reusable(Cpu cpu, AnonVmaLife life, long owner, long low, long high) {
        if (!compatible(cpu, low, high)) {
            return Cpu.NULL;
        }
        long anonVma = life.findOfNeighbour(cpu, owner);
        return anonVma != Cpu.NULL && ListHead.singular(cpu, VmArea.ANON_VMA_CHAIN.of(owner)) ? anonVma : Cpu.NULL;
    }

    private static boolean compatible(Cpu cpu, long low, long high) {
        long highStart = VmArea.VM_START.readOnce(cpu, high);
        long lowStart = VmArea.VM_START.readOnce(cpu, low);
        return VmArea.VM_END.readOnce(cpu, low) == highStart
                && VmArea.VM_FILE.get(cpu, low) == VmArea.VM_FILE.get(cpu, high)
                && ((VmArea.VM_FLAGS.get(cpu, low) ^ VmArea.VM_FLAGS.get(cpu, high)) & ~MERGEABLE_DIFFERENCE) == 0
                && VmArea.VM_PGOFF.readOnce(cpu, high)
                        == VmArea.VM_PGOFF.readOnce(cpu, low) + ((highStart - lowStart) >>> PAGE_SHIFT);
    }
}
