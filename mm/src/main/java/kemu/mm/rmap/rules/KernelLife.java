package kemu.mm.rmap.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.rmap.AnonVmaLife;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.rmap.AnonVmaRefs;
import kemu.mm.slab.SlabAllocator;
import kemu.mm.types.AnonVma;
import kemu.mm.types.VmArea;
import kemu.rcu.list.ListHead;

/**
 * The life of anon_vmas that runs by default. Source: Linux 2.6.39 mm/rmap.c; the order of the last two puts as in
 * 3.16.
 */
class KernelLife implements AnonVmaLife {
    /** A looker reads an anon_vma before it has pinned it, so the memory stays an anon_vma while RCU readers run. */
    @Override
    public int cacheFlags() {
        return SlabAllocator.SLAB_DESTROY_BY_RCU;
    }

    /** Even a new anon_vma is locked: lookers of its last life may still walk its list. */
    @Override
    public void lockToPrepare(Cpu cpu, AnonVmaLocking locking, @Ref(AnonVma.class) long anonVma, boolean isNew) {
        locking.lock(cpu, anonVma);
    }

    @Override
    public void unlockPrepared(Cpu cpu, AnonVmaLocking locking, @Ref(AnonVma.class) long anonVma, boolean isNew) {
        locking.unlock(cpu, anonVma);
    }

    /** The chain, the list and the root are in sight of whoever finds the anon_vma, by release and acquire. */
    @Override
    public void publish(Cpu cpu, @Ref(VmArea.class) long vma, @Ref(AnonVma.class) long anonVma, boolean isNew) {
        VmArea.ANON_VMA.release(cpu, vma, anonVma);
    }

    @Override
    public @Ref(AnonVma.class) long find(Cpu cpu, @Ref(VmArea.class) long vma) {
        return VmArea.ANON_VMA.acquire(cpu, vma);
    }

    @Override
    public @Ref(AnonVma.class) long findOfNeighbour(Cpu cpu, @Ref(VmArea.class) long neighbour) {
        return VmArea.ANON_VMA.acquire(cpu, neighbour);
    }

    /** The root holds the child's lock, so the child keeps the root. */
    @Override
    public void childMade(Cpu cpu, AnonVmaRefs refs, @Ref(AnonVma.class) long root) {
        refs.get(cpu, root);
    }

    /** Oldest first, so that the order is kept. */
    @Override
    public @Ref(ListHead.class) long nextToClone(Cpu cpu, @Ref(ListHead.class) long at) {
        return ListHead.prev(cpu, at);
    }

    /** Newest first, so that the root goes last. */
    @Override
    public @Ref(ListHead.class) long nextToUnlink(Cpu cpu, @Ref(ListHead.class) long head) {
        return ListHead.first(cpu, head);
    }

    /** The child goes first: the wait in {@link AnonVmaLocking#beforeFree} still reads the root. */
    @Override
    public void release(Cpu cpu, AnonVmaRefs refs, @Ref(AnonVma.class) long anonVma) {
        long root = AnonVma.ROOT.readOnce(cpu, anonVma);
        refs.free(cpu, anonVma);
        if (root != anonVma) {
            childGone(cpu, refs, root);
        }
    }

    /** A child of {@code root} is gone: undoes {@link #childMade}. */
    void childGone(Cpu cpu, AnonVmaRefs refs, @Ref(AnonVma.class) long root) {
        refs.dropRoot(cpu, root);
    }
}
