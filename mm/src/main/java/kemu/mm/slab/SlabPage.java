package kemu.mm.slab;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.BitLock;
import kemu.mm.page.Page;

/**
 * What a slab's head page holds beside its flags: the free list ({@link Page#INDEX}), the counters
 * ({@link Page#PRIVATE}), the cache ({@link Page#SLAB_CACHE}), the link on the partial list, and, while a discarded
 * slab waits for a grace period, an rcu_head in place of that link. All plain, under the slab lock.
 */
final class SlabPage {
    /** PG_LOCKED is the slab lock. */
    private static final int LOCK_BIT = 0;

    private static final long INUSE_MASK = 0xffff;
    private static final int OBJECTS_SHIFT = 16;
    private static final long OBJECTS_MASK = 0x7fff;
    private static final long FROZEN = 1L << 31;

    private SlabPage() {}

    /** slab_lock. Context: interrupts disabled. Acquire. */
    static void lock(Cpu cpu, @Ref(Page.class) long page) {
        BitLock.lock(cpu, Page.FLAGS.of(page), LOCK_BIT);
    }

    /** slab_trylock. */
    static boolean tryLock(Cpu cpu, @Ref(Page.class) long page) {
        return BitLock.tryLock(cpu, Page.FLAGS.of(page), LOCK_BIT);
    }

    /** slab_unlock. Release. */
    static void unlock(Cpu cpu, @Ref(Page.class) long page) {
        BitLock.unlock(cpu, Page.FLAGS.of(page), LOCK_BIT);
    }

    /** First free object that no CPU slab has taken over. */
    static long freelist(Cpu cpu, @Ref(Page.class) long page) {
        return Page.INDEX.get(cpu, page);
    }

    static void setFreelist(Cpu cpu, @Ref(Page.class) long page, long object) {
        Page.INDEX.set(cpu, page, object);
    }

    /** A new slab: {@code objects} objects, none in use, not frozen. */
    static void init(Cpu cpu, @Ref(Page.class) long page, int objects) {
        Page.PRIVATE.set(cpu, page, (long) objects << OBJECTS_SHIFT);
    }

    /** Objects that are allocated or on a CPU's free list. */
    static int inuse(Cpu cpu, @Ref(Page.class) long page) {
        return (int) (Page.PRIVATE.get(cpu, page) & INUSE_MASK);
    }

    static void setInuse(Cpu cpu, @Ref(Page.class) long page, int inuse) {
        Page.PRIVATE.set(cpu, page, Page.PRIVATE.get(cpu, page) & ~INUSE_MASK | inuse);
    }

    static int objects(Cpu cpu, @Ref(Page.class) long page) {
        return (int) (Page.PRIVATE.get(cpu, page) >> OBJECTS_SHIFT & OBJECTS_MASK);
    }

    /** True if a CPU owns the slab: only it allocates from it, and it is on no list. */
    static boolean isFrozen(Cpu cpu, @Ref(Page.class) long page) {
        return (Page.PRIVATE.get(cpu, page) & FROZEN) != 0;
    }

    static void freeze(Cpu cpu, @Ref(Page.class) long page, boolean frozen) {
        long counters = Page.PRIVATE.get(cpu, page);
        Page.PRIVATE.set(cpu, page, frozen ? counters | FROZEN : counters & ~FROZEN);
    }
}
