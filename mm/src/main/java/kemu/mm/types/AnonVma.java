package kemu.mm.types;

import kemu.hw.layout.Embedded;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.RwSem;
import kemu.rcu.list.ListHead;

/**
 * {@code struct anon_vma}: the VMAs that may map a set of anonymous pages. SLAB_DESTROY_BY_RCU: under RCU its type is
 * stable, its identity is not. The constructor runs once per slab page and leaves the lock free, the count 0 and the
 * list empty; it does not touch the root, which keeps its value from the last life.
 *
 * <p>Source: Linux 2.6.36 to 3.8 include/linux/rmap.h.
 */
public final class AnonVma {
    private static final StructLayout.Builder S = StructLayout.struct("anon_vma");
    /** Root of the fork tree. Readers, even from an earlier life: readOnce. Writers: writeOnce at alloc and fork. */
    public static final RefField ROOT = S.ref("root", AnonVma.class);
    /** Spinning lock of the tree; only the root's is taken. Used by the strategies of 2.6.36. */
    public static final Embedded LOCK = S.embed("lock", SpinLock.LAYOUT);
    /** Sleeping lock of the tree; only the root's is taken. Used by the strategies of 3.0 and later. */
    public static final Embedded RWSEM = S.embed("rwsem", RwSem.LAYOUT);
    /** References: one for a non-empty list, one per child on its root, one per pin; 0 means free. Atomics. */
    public static final I32Field REFCOUNT = S.i32("refcount");
    /** anon_vma_chains of the VMAs, oldest first. The root's lock. */
    public static final Embedded HEAD = S.embed("head", ListHead.LAYOUT);
    /** The anon_vma of the VMA that this one's was forked from, the root its own. Root's lock; where fork reuses. */
    public static final RefField PARENT = S.ref("parent", AnonVma.class);
    /** anon_vmas whose parent is this one, the root counting itself. The root's lock; where fork reuses. */
    public static final I32Field NUM_CHILDREN = S.i32("num_children");
    /** VMAs whose own anon_vma is this one. The root's lock; where fork reuses. */
    public static final I32Field NUM_ACTIVE_VMAS = S.i32("num_active_vmas");
    /** Bit of {@link #REFCOUNT}: locked by mm_take_all_locks. */
    public static final int ALL_LOCKS = 1 << 30;
    /** Size and members. */
    public static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    private AnonVma() {}
}
