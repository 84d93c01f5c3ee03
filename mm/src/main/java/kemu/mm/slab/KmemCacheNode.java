package kemu.mm.slab;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.StructLayout;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Page;
import kemu.rcu.list.ListHead;

/**
 * {@code struct kmem_cache} in emulated memory, with its one {@code kmem_cache_node}: the partial list and the counts.
 * The array of {@link KmemCacheCpu} follows it.
 */
final class KmemCacheNode {
    private static final LockClass LIST_LOCK_CLASS = LockClass.of("kmem_cache_node->list_lock");

    /** In {@link #ID} of a cache that is no more. */
    static final int DESTROYED = -1;

    private static final StructLayout.Builder S = StructLayout.struct("kmem_cache");
    /** Guards the partial list. Interrupts disabled. */
    static final Embedded LIST_LOCK = S.embed("list_lock", SpinLock.LAYOUT);
    /** Slabs with free and used objects, or kept though empty; none of them frozen. Guarded by {@link #LIST_LOCK}. */
    static final Embedded PARTIAL = S.embed("partial", ListHead.LAYOUT);
    /** Length of the partial list. Written under {@link #LIST_LOCK}, read racily. */
    static final I64Field NR_PARTIAL = S.i64("nr_partial");
    /** Slabs of the cache, those waiting for a grace period not counted. Atomics. */
    static final I64Field NR_SLABS = S.i64("nr_slabs");
    /** Number of the cache, or {@link #DESTROYED}. */
    static final I32Field ID = S.i32("id");
    /** Order of its slabs; constant. RCU callbacks read it, so a cache outlives them. */
    static final I32Field ORDER = S.i32("order");
    /** Size and members. */
    static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    private KmemCacheNode() {}

    static void init(Cpu cpu, @Ref(KmemCacheNode.class) long cache, int id, int order) {
        SpinLock.init(cpu, LIST_LOCK.of(cache), LIST_LOCK_CLASS);
        ListHead.init(cpu, PARTIAL.of(cache));
        NR_PARTIAL.set(cpu, cache, 0);
        NR_SLABS.set(cpu, cache, 0);
        ID.set(cpu, cache, id);
        ORDER.set(cpu, cache, order);
    }

    /** add_partial, at the end: a slab with one free object is the last to be allocated from. Context: slab locked. */
    static void addPartial(Cpu cpu, long cache, @Ref(Page.class) long page) {
        SpinLock.lock(cpu, LIST_LOCK.of(cache));
        ListHead.addTail(cpu, Page.LRU.of(page), PARTIAL.of(cache));
        addNrPartial(cpu, cache, 1);
        SpinLock.unlock(cpu, LIST_LOCK.of(cache));
    }

    /** remove_partial. Context: slab locked. */
    static void removePartial(Cpu cpu, long cache, @Ref(Page.class) long page) {
        SpinLock.lock(cpu, LIST_LOCK.of(cache));
        ListHead.del(cpu, Page.LRU.of(page));
        addNrPartial(cpu, cache, -1);
        SpinLock.unlock(cpu, LIST_LOCK.of(cache));
    }

    /**
     * get_partial_node: the first slab of the partial list whose lock is free, off the list, locked and frozen; or
     * NULL.
     */
    static @Ref(Page.class) long takePartial(Cpu cpu, long cache) {
        if (NR_PARTIAL.readOnce(cpu, cache) == 0) {
            return Cpu.NULL;
        }
        long found = Cpu.NULL;
        SpinLock.lock(cpu, LIST_LOCK.of(cache));
        long head = PARTIAL.of(cache);
        for (long node = ListHead.first(cpu, head); node != head; node = ListHead.next(cpu, node)) {
            long page = Page.ofLru(node);
            if (SlabPage.tryLock(cpu, page)) {
                ListHead.del(cpu, node);
                addNrPartial(cpu, cache, -1);
                SlabPage.freeze(cpu, page, true);
                found = page;
                break;
            }
        }
        SpinLock.unlock(cpu, LIST_LOCK.of(cache));
        return found;
    }

    private static void addNrPartial(Cpu cpu, long cache, long delta) {
        NR_PARTIAL.writeOnce(cpu, cache, NR_PARTIAL.get(cpu, cache) + delta);
    }
}
