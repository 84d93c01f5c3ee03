package kemu.mm.rmap.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.rmap.AnonVmaReuse;
import kemu.mm.types.AnonVma;
import kemu.mm.types.VmArea;

/**
 * fork takes an anon_vma of the chain whose own VMAs are gone, so that a line of forks, each of whose parents exits,
 * does not grow its chains for ever. Counted are the VMAs that have an anon_vma as their own, and the anon_vmas forked
 * from it; none of the first and at most one of the second is what makes it free to take.
 *
 * <p>Source: Linux 3.19 and 6.1 mm/rmap.c, anon_vma_clone().
 */
abstract class CountedReuse implements AnonVmaReuse {
    /** True if a VMA forked from one whose own anon_vma is {@code own} may take {@code anonVma} of its chain. */
    abstract boolean mayTake(Cpu cpu, @Ref(AnonVma.class) long anonVma, @Ref(AnonVma.class) long own);

    @Override
    public final boolean reuses() {
        return true;
    }

    @Override
    public final void made(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        begin(cpu, anonVma, anonVma);
    }

    @Override
    public final void prepared(Cpu cpu, @Ref(AnonVma.class) long anonVma, boolean isNew) {
        active(cpu, anonVma, 1);
        childOfParent(cpu, anonVma, isNew ? 1 : 0);
    }

    @Override
    public final void cloned(Cpu cpu, AnonVmaLocking locking, @Ref(AnonVma.class) long own) {
        locking.lock(cpu, own);
        active(cpu, own, 1);
        locking.unlock(cpu, own);
    }

    @Override
    public final void offered(
            Cpu cpu, @Ref(VmArea.class) long vma, @Ref(AnonVma.class) long anonVma, @Ref(VmArea.class) long parentVma) {
        if (VmArea.ANON_VMA.readOnce(cpu, vma) == Cpu.NULL
                && mayTake(cpu, anonVma, VmArea.ANON_VMA.readOnce(cpu, parentVma))) {
            VmArea.ANON_VMA.writeOnce(cpu, vma, anonVma);
            active(cpu, anonVma, 1);
        }
    }

    @Override
    public final boolean taken(Cpu cpu, @Ref(VmArea.class) long vma) {
        return VmArea.ANON_VMA.readOnce(cpu, vma) != Cpu.NULL;
    }

    @Override
    public final void forked(Cpu cpu, @Ref(AnonVma.class) long anonVma, @Ref(AnonVma.class) long parent) {
        begin(cpu, anonVma, parent);
        active(cpu, anonVma, 1);
        childOfParent(cpu, anonVma, 1);
    }

    @Override
    public final void unlinked(Cpu cpu, @Ref(VmArea.class) long vma, @Ref(AnonVma.class) long anonVma, boolean empty) {
        active(cpu, anonVma, anonVma == VmArea.ANON_VMA.readOnce(cpu, vma) ? -1 : 0);
        childOfParent(cpu, anonVma, empty ? -1 : 0);
    }

    /** A new anon_vma has no VMA and no child yet; the parent of a root is itself. */
    private static void begin(Cpu cpu, long anonVma, long parent) {
        AnonVma.PARENT.set(cpu, anonVma, parent);
        AnonVma.NUM_CHILDREN.set(cpu, anonVma, 0);
        AnonVma.NUM_ACTIVE_VMAS.set(cpu, anonVma, 0);
    }

    /** {@code by} more VMAs have the anon_vma as their own. */
    private static void active(Cpu cpu, long anonVma, int by) {
        AnonVma.NUM_ACTIVE_VMAS.set(cpu, anonVma, AnonVma.NUM_ACTIVE_VMAS.get(cpu, anonVma) + by);
    }

    /** {@code by} more anon_vmas have the parent of this one as theirs: this one itself. */
    private static void childOfParent(Cpu cpu, long anonVma, int by) {
        long parent = AnonVma.PARENT.get(cpu, anonVma);
        AnonVma.NUM_CHILDREN.set(cpu, parent, AnonVma.NUM_CHILDREN.get(cpu, parent) + by);
    }
}
