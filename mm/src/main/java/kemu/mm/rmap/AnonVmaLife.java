package kemu.mm.rmap;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.AnonVma;
import kemu.mm.types.VmArea;
import kemu.rcu.list.ListHead;

/**
 * How anon_vmas live and die: what their memory promises to lookers, how a child keeps its root, in which order they
 * go. Implementations are stateless and allocation-free.
 */
public interface AnonVmaLife {
    /** Flags of the slab cache that anon_vmas come from ({@link kemu.mm.slab.SlabAllocator}), beside SLAB_PANIC. */
    int cacheFlags();

    /**
     * Takes the lock under which anon_vma_prepare links a VMA to {@code anonVma}.
     *
     * @param isNew whether no other VMA is linked to it
     */
    void lockToPrepare(Cpu cpu, AnonVmaLocking locking, @Ref(AnonVma.class) long anonVma, boolean isNew);

    /** Undoes {@link #lockToPrepare}. */
    void unlockPrepared(Cpu cpu, AnonVmaLocking locking, @Ref(AnonVma.class) long anonVma, boolean isNew);

    /**
     * Lets others find {@code anonVma}, to which {@code vma} is linked, as that of the VMA. Context: page_table_lock.
     *
     * @param isNew whether no other VMA is linked to it
     */
    void publish(Cpu cpu, @Ref(VmArea.class) long vma, @Ref(AnonVma.class) long anonVma, boolean isNew);

    /** The anon_vma of {@code vma}, to be used; NULL if it has none yet. Context: mmap_sem (R). */
    @Ref(AnonVma.class)
    long find(Cpu cpu, @Ref(VmArea.class) long vma);

    /** The same of the next VMA to one that may share it. */
    @Ref(AnonVma.class)
    long findOfNeighbour(Cpu cpu, @Ref(VmArea.class) long neighbour);

    /**
     * A new child has got {@code root}, which lives as long as the parent's VMA. Context: the parent's mmap_sem (W).
     */
    void childMade(Cpu cpu, AnonVmaRefs refs, @Ref(AnonVma.class) long root);

    /**
     * The link that anon_vma_clone copies after {@code at}, or first if that is the chain's head; the head after the
     * last. Each copy comes first on the new chain.
     */
    @Ref(ListHead.class)
    long nextToClone(Cpu cpu, @Ref(ListHead.class) long at);

    /** The link that unlink_anon_vmas takes off next, of a VMA's chain {@code head} that is not empty. */
    @Ref(ListHead.class)
    long nextToUnlink(Cpu cpu, @Ref(ListHead.class) long head);

    /** __put_anon_vma: frees an anon_vma whose count is 0, and gives up what it holds of its root. May sleep. */
    void release(Cpu cpu, AnonVmaRefs refs, @Ref(AnonVma.class) long anonVma);
}
