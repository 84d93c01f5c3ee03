package kemu.mm.rmap;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.layout.Ref;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.kernel.context.Preempt;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Gfp;
import kemu.mm.slab.KmemCache;
import kemu.mm.slab.SlabAllocator;
import kemu.mm.types.AnonVma;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.rcu.list.ListHead;

/**
 * Life of anon_vmas and their chains: prepare, clone, fork, unlink. A new anon_vma counts one reference for its list,
 * which {@link #unlinkAnonVmas} drops when the list becomes empty; every child counts one on the root, every pin one on
 * its target. At 0 the slot is free, and may be another anon_vma before the freeing function returns.
 *
 * <p>Order that others rely on: a chain lists the newest anon_vma first and the root last; a list holds the oldest VMA
 * first; a child's VMA is linked before its ptes are copied; the root is unlinked and freed last.
 *
 * <p>Source: Linux 2.6.39 mm/rmap.c; the order of the last two puts as in 3.16.
 */
public final class AnonVmas {
    private final AnonVmaRefs refs;
    private final KmemCache chains;
    private final AnonVmaLocking locking;
    private final AnonVmaLife life;
    private final AnonVmaReuse reuse;
    private final AnonVmaIndex index;

    /** anon_vmas of {@code refs}, locked as {@code locking} does. Boot only. */
    public AnonVmas(Cpu boot, SlabAllocator slabs, AnonVmaRefs refs, AnonVmaLocking locking, AnonVmaRules rules) {
        this.refs = refs;
        this.locking = locking;
        life = rules.life();
        reuse = rules.reuse();
        index = refs.index();
        chains = slabs.create(boot, "anon_vma_chain", index.chainBytes(), 8, SlabAllocator.SLAB_PANIC, null);
        refs.lockedBy(locking);
    }

    /** The strategy of this kernel. */
    public AnonVmaLocking locking() {
        return locking;
    }

    /** How anon_vmas find their VMAs. */
    public AnonVmaIndex index() {
        return index;
    }

    /**
     * anon_vma_interval_tree_pre_update_vma: the range of {@code vma} is about to change, which may be part of the
     * index. Context: the root's lock, if there is an anon_vma.
     */
    public void beforeRangeChanges(Cpu cpu, @Ref(VmArea.class) long vma) {
        if (index.keepsRanges()) {
            long head = VmArea.ANON_VMA_CHAIN.of(vma);
            for (long at = ListHead.first(cpu, head); at != head; at = ListHead.next(cpu, at)) {
                long chain = AnonVmaChain.SAME_VMA.containerOf(at);
                index.remove(cpu, chain, AnonVmaChain.ANON_VMA.get(cpu, chain));
            }
        }
    }

    /** anon_vma_interval_tree_post_update_vma: it has changed. Context: the same. */
    public void rangeChanged(Cpu cpu, @Ref(VmArea.class) long vma) {
        if (index.keepsRanges()) {
            long head = VmArea.ANON_VMA_CHAIN.of(vma);
            for (long at = ListHead.first(cpu, head); at != head; at = ListHead.next(cpu, at)) {
                long chain = AnonVmaChain.SAME_VMA.containerOf(at);
                index.insert(cpu, chain, AnonVmaChain.ANON_VMA.get(cpu, chain));
            }
        }
    }

    /** True if fork may give a VMA an anon_vma of its parent's chain instead of a new one. */
    boolean reuses() {
        return reuse.reuses();
    }

    /** References of anon_vmas, below the strategy. */
    public AnonVmaRefs refs() {
        return refs;
    }

    /** The cache of anon_vmas. */
    public KmemCache cache() {
        return refs.cache();
    }

    /** The cache of anon_vma_chains. */
    public KmemCache chainCache() {
        return chains;
    }

    private @Ref(AnonVma.class) long alloc(Cpu cpu) {
        long anonVma = refs.alloc(cpu);
        if (anonVma != Cpu.NULL) {
            locking.assignRoot(cpu, anonVma, anonVma);
            reuse.made(cpu, anonVma);
        }
        return anonVma;
    }

    /**
     * anon_vma_prepare: makes sure the VMA has an anon_vma, a neighbour's if that can be shared; 0 or -ENOMEM. Context:
     * mmap_sem (R), may sleep. Before any anonymous page of the VMA is mapped.
     *
     * <p>Ordering: vma.anon_vma is published with release after the chain is linked; the fast path acquires it.
     */
    public int anonVmaPrepare(Cpu cpu, @Ref(VmArea.class) long vma) {
        if (life.find(cpu, vma) != Cpu.NULL) {
            return 0;
        }
        Preempt.mightSleep(cpu, "anon_vma_prepare");
        long chain = chains.alloc(cpu, Gfp.KERNEL);
        if (chain == Cpu.NULL) {
            return Errno.ENOMEM;
        }
        long anonVma = MergeableAnonVma.find(cpu, life, vma);
        long allocated = Cpu.NULL;
        if (anonVma == Cpu.NULL) {
            anonVma = alloc(cpu);
            if (anonVma == Cpu.NULL) {
                chains.free(cpu, chain);
                return Errno.ENOMEM;
            }
            allocated = anonVma;
        }
        boolean isNew = allocated != Cpu.NULL;
        life.lockToPrepare(cpu, locking, anonVma, isNew);
        long pageTableLock = MmStruct.PAGE_TABLE_LOCK.of(VmArea.VM_MM.get(cpu, vma));
        SpinLock.lock(cpu, pageTableLock);
        if (VmArea.ANON_VMA.readOnce(cpu, vma) == Cpu.NULL) {
            link(cpu, vma, chain, anonVma);
            reuse.prepared(cpu, anonVma, isNew);
            life.publish(cpu, vma, anonVma, isNew);
            chain = Cpu.NULL;
            allocated = Cpu.NULL;
        }
        SpinLock.unlock(cpu, pageTableLock);
        life.unlockPrepared(cpu, locking, anonVma, isNew);
        // Another thread may have won; what is left over of the two is judged separately.
        if (allocated != Cpu.NULL) {
            refs.put(cpu, allocated);
        }
        if (chain != Cpu.NULL) {
            chains.free(cpu, chain);
        }
        return 0;
    }

    /** Context: the VMA's chain guarded, the anon_vma locked. */
    private void link(Cpu cpu, long vma, long chain, long anonVma) {
        AnonVmaChain.VMA.set(cpu, chain, vma);
        AnonVmaChain.ANON_VMA.set(cpu, chain, anonVma);
        ListHead.add(cpu, AnonVmaChain.SAME_VMA.of(chain), VmArea.ANON_VMA_CHAIN.of(vma));
        index.insert(cpu, chain, anonVma);
    }

    /**
     * anon_vma_clone: links {@code destination} to every anon_vma of {@code source}, oldest first, so that the order of
     * the chain is kept; 0, or -ENOMEM with nothing linked. Context: mmap_sem (W), may sleep.
     */
    public int anonVmaClone(Cpu cpu, @Ref(VmArea.class) long destination, @Ref(VmArea.class) long source) {
        int error = linkToAll(cpu, destination, source, false);
        long own = VmArea.ANON_VMA.readOnce(cpu, source);
        if (error == 0 && own != Cpu.NULL) {
            reuse.cloned(cpu, locking, own);
        }
        return error;
    }

    private int linkToAll(Cpu cpu, long destination, long source, boolean forks) {
        long head = VmArea.ANON_VMA_CHAIN.of(source);
        for (long at = life.nextToClone(cpu, head); at != head; at = life.nextToClone(cpu, at)) {
            long chain = chains.alloc(cpu, Gfp.KERNEL);
            if (chain == Cpu.NULL) {
                unlinkAnonVmas(cpu, destination);
                return Errno.ENOMEM;
            }
            long anonVma = AnonVmaChain.ANON_VMA.get(cpu, AnonVmaChain.SAME_VMA.containerOf(at));
            locking.lock(cpu, anonVma);
            link(cpu, destination, chain, anonVma);
            if (forks) {
                reuse.offered(cpu, destination, anonVma, source);
            }
            locking.unlock(cpu, anonVma);
        }
        return 0;
    }

    /**
     * anon_vma_fork: links a child's VMA to all anon_vmas of its parent's, and to a new one of its own for the pages it
     * will write; 0, or -ENOMEM with nothing linked. Context: both mmap_sems (W), may sleep; before ptes are copied.
     */
    public int anonVmaFork(Cpu cpu, @Ref(VmArea.class) long vma, @Ref(VmArea.class) long parentVma) {
        long parent = VmArea.ANON_VMA.readOnce(cpu, parentVma);
        VmArea.ANON_VMA.writeOnce(cpu, vma, Cpu.NULL);
        if (parent == Cpu.NULL) {
            return 0;
        }
        if (linkToAll(cpu, vma, parentVma, true) != 0) {
            return Errno.ENOMEM;
        }
        if (reuse.taken(cpu, vma)) {
            return 0;
        }
        long anonVma = alloc(cpu);
        long chain = anonVma == Cpu.NULL ? Cpu.NULL : chains.alloc(cpu, Gfp.KERNEL);
        if (chain == Cpu.NULL) {
            if (anonVma != Cpu.NULL) {
                refs.put(cpu, anonVma);
            }
            unlinkAnonVmas(cpu, vma);
            return Errno.ENOMEM;
        }
        long root = AnonVma.ROOT.readOnce(cpu, parent);
        locking.assignRoot(cpu, anonVma, root);
        life.childMade(cpu, refs, root);
        VmArea.ANON_VMA.writeOnce(cpu, vma, anonVma);
        locking.lock(cpu, anonVma);
        link(cpu, vma, chain, anonVma);
        reuse.forked(cpu, anonVma, parent);
        locking.unlock(cpu, anonVma);
        return 0;
    }

    /**
     * unlink_anon_vmas: takes the VMA off all its anon_vmas, newest first and the root last, and frees those nobody
     * uses any more. Context: mmap_sem (W) or last user; the VMA's ptes are gone; may sleep with some strategies.
     */
    public void unlinkAnonVmas(Cpu cpu, @Ref(VmArea.class) long vma) {
        long head = VmArea.ANON_VMA_CHAIN.of(vma);
        // Ends: every round unlinks one chain.
        while (!ListHead.empty(cpu, head)) {
            long at = life.nextToUnlink(cpu, head);
            long chain = AnonVmaChain.SAME_VMA.containerOf(at);
            long anonVma = AnonVmaChain.ANON_VMA.get(cpu, chain);
            locking.lock(cpu, anonVma);
            index.remove(cpu, chain, anonVma);
            boolean empty = index.empty(cpu, anonVma);
            if (empty) {
                cpu.tell(Event.ANON_VMA_EMPTY, anonVma, vma);
            }
            reuse.unlinked(cpu, vma, anonVma, empty);
            locking.unlock(cpu, anonVma);
            // Outside the lock, which lives in the root that this may free.
            if (empty) {
                refs.put(cpu, anonVma);
            }
            ListHead.del(cpu, at);
            chains.free(cpu, chain);
        }
        VmArea.ANON_VMA.writeOnce(cpu, vma, Cpu.NULL);
    }

    /**
     * anon_vma_moveto_tail: walks come to {@code vma} last from now on. Context: mmap_sem (W), may sleep with some
     * strategies. Source: Linux 3.2 mm/rmap.c.
     */
    public void anonVmaMovetoTail(Cpu cpu, @Ref(VmArea.class) long vma) {
        long head = VmArea.ANON_VMA_CHAIN.of(vma);
        for (long at = ListHead.last(cpu, head); at != head; at = ListHead.prev(cpu, at)) {
            long chain = AnonVmaChain.SAME_VMA.containerOf(at);
            long anonVma = AnonVmaChain.ANON_VMA.get(cpu, chain);
            locking.lock(cpu, anonVma);
            index.moveToTail(cpu, chain, anonVma);
            locking.unlock(cpu, anonVma);
        }
    }

    /** anon_vma_merge: {@code next} goes away; {@code vma}, which takes its range, has an equal chain. mmap_sem (W). */
    public void anonVmaMerge(Cpu cpu, @Ref(VmArea.class) long vma, @Ref(VmArea.class) long next) {
        if (VmArea.ANON_VMA.get(cpu, vma) != VmArea.ANON_VMA.get(cpu, next)) {
            throw new KernelBug(FailureKind.RMAP_I10, "BUG: merge of VMAs with different anon_vmas");
        }
        unlinkAnonVmas(cpu, next);
    }
}
