package kemu.mm.rmap;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.AnonVma;

/**
 * The book that fork keeps where it may give a child's VMA an anon_vma of the chain whose own VMAs are gone, so that a
 * line of forks, each of whose parents exits, does not grow its chains for ever.
 *
 * <p>Counted are the VMAs that have an anon_vma as their own, and the anon_vmas forked from it; none of the first and
 * at most one of the second is what makes it free to take. With {@link AnonVmaRules#REUSE_BY_DEGREE} only the sum is
 * looked at: right where a count of one must be a child's, but a leaf left by a VMA that took an older anon_vma has no
 * children, and is given away a second time. Then VMAs with one anon_vma have different chains, which
 * {@link AnonVmas#anonVmaMerge} takes to be equal.
 *
 * <p>Context: the root's lock for all, but for {@link #begin}. Source: Linux 3.19 and 6.1 mm/rmap.c, anon_vma_clone().
 */
final class AnonVmaReuse {
    private final boolean byDegree;

    AnonVmaReuse(boolean byDegree) {
        this.byDegree = byDegree;
    }

    /** A new anon_vma, linked to nothing, whose parent is itself or that of the VMA forked. */
    void begin(Cpu cpu, @Ref(AnonVma.class) long anonVma, @Ref(AnonVma.class) long parent) {
        AnonVma.PARENT.set(cpu, anonVma, parent);
        AnonVma.NUM_CHILDREN.set(cpu, anonVma, 0);
        AnonVma.NUM_ACTIVE_VMAS.set(cpu, anonVma, 0);
    }

    /** {@code by} more VMAs have the anon_vma as their own. */
    void active(Cpu cpu, @Ref(AnonVma.class) long anonVma, int by) {
        AnonVma.NUM_ACTIVE_VMAS.set(cpu, anonVma, AnonVma.NUM_ACTIVE_VMAS.get(cpu, anonVma) + by);
    }

    /** {@code by} more anon_vmas have the parent of this one as theirs: this one itself. */
    void childOfParent(Cpu cpu, @Ref(AnonVma.class) long anonVma, int by) {
        long parent = AnonVma.PARENT.get(cpu, anonVma);
        AnonVma.NUM_CHILDREN.set(cpu, parent, AnonVma.NUM_CHILDREN.get(cpu, parent) + by);
    }

    /** True if a VMA forked from one whose own anon_vma is {@code own} may take {@code anonVma} of its chain. */
    boolean mayTake(Cpu cpu, @Ref(AnonVma.class) long anonVma, @Ref(AnonVma.class) long own) {
        int children = AnonVma.NUM_CHILDREN.get(cpu, anonVma);
        int active = AnonVma.NUM_ACTIVE_VMAS.get(cpu, anonVma);
        return byDegree ? anonVma != own && children + active < 2 : children < 2 && active == 0;
    }
}
