package kemu.hw.cpu;

/** What kernel code tells instruments, see {@link Cpu#tell}: the event, and what its object and detail are. */
public final class Event {
    /** A lock is about to be taken, if need be waited for: lock, mode (a kind, {@link #READ}, {@link #TRY}). */
    public static final int LOCK_WANTED = 1;
    /** A lock has been taken: lock, mode. Of an attempt that may fail only this is told, if it did not. */
    public static final int LOCKED = 2;
    /** A lock is about to be freed: lock, mode. */
    public static final int UNLOCKING = 3;
    /** A lock that sleeps was not free, and is about to be waited for: lock, mode. After {@link #LOCK_WANTED}. */
    public static final int LOCK_CONTENDED = 30;

    /** Frames are about to become a slab, its objects to be constructed: struct page of its head, its kmem_cache. */
    public static final int SLAB_BEGUN = 9;
    /** A slab has been made, all objects free: struct page of its head, its kmem_cache. */
    public static final int SLAB_MADE = 4;
    /** An object has been allocated: object, its kmem_cache. */
    public static final int SLAB_ALLOCATED = 5;
    /** An object is about to be freed: object, the kmem_cache that the caller names. */
    public static final int SLAB_FREEING = 6;
    /** The grace period is over that a freed object waited for, it may be handed out: object, its kmem_cache. */
    public static final int SLAB_GRACE_OVER = 12;
    /** A block of frames has been allocated: struct page of its head, order. */
    public static final int FRAMES_ALLOCATED = 7;
    /** A block of frames is free from now on: struct page of its head, order. */
    public static final int FRAMES_FREED = 8;
    /** A copy of a frame is about to take its place, so nobody may store to the frame any more: the frame. */
    public static final int FRAME_REPLACED = 15;

    /** An anonymous page has been mapped, or points to another anon_vma now: struct page, VMA. */
    public static final int ANON_MAPPED = 10;
    /** An anon_vma has no VMA any more; it is still locked: anon_vma, the last VMA. */
    public static final int ANON_VMA_EMPTY = 11;

    /** A pte will hold a migration entry, or no more: struct page that moves, 1 or -1. */
    public static final int MIGRATION_ENTRY = 13;
    /** A walk over all ptes of a page is over: struct page, {@link #MUST_FIND} or {@link #MAY_MISS}. */
    public static final int RMAP_WALKED = 14;

    /** Detail of {@link #RMAP_WALKED}: every pte had to be found. */
    public static final int MUST_FIND = 1;
    /** Detail of {@link #RMAP_WALKED}: a pte that was missed costs no more than time. */
    public static final int MAY_MISS = 0;

    /** A function that may sleep is called where it may not. */
    public static final int SLEEPS_IN_ATOMIC = 16;

    /** An RCU reader has begun. */
    public static final int RCU_READ_LOCKED = 17;
    /** An RCU reader is about to end. */
    public static final int RCU_READ_UNLOCKING = 18;
    /** What only a reader may do: the address loaded from. */
    public static final int RCU_DEREFERENCED = 19;
    /** A wait for a grace period begins: what is called, one of {@code RCU_SYNCHRONIZE} and {@code RCU_BARRIER}. */
    public static final int RCU_WAITS = 20;
    /** It has ended: as {@link #RCU_WAITS}. */
    public static final int RCU_WAITED = 21;
    /** A callback is queued: its head. */
    public static final int RCU_QUEUED = 22;
    /** A callback is about to be invoked: its head. */
    public static final int RCU_INVOKED = 23;

    /** A grace period has begun: its number. */
    public static final int RCU_GRACE_BEGUN = 24;
    /** It is over: its number. */
    public static final int RCU_GRACE_OVER = 25;
    /** Quiescent states of CPUs have been reported, or of nodes below: struct rcu_node, its bits for them. */
    public static final int RCU_QUIESCENT = 26;

    /** A task has been made ready: task. */
    public static final int TASK_WOKEN = 27;
    /** The CPU is about to go on with another task: that task, the one it leaves. */
    public static final int TASK_SWITCHED = 31;
    /** The CPU does something else from now on: a {@link Mode}. */
    public static final int MODE_SET = 38;
    /** An interrupt is about to be served: what is pending. */
    public static final int IRQ_ENTERED = 28;
    /** It has been, with its softirqs. */
    public static final int IRQ_LEFT = 29;

    /** Object of {@link #RCU_WAITS}: synchronize_rcu. */
    public static final int RCU_SYNCHRONIZE = 0;
    /** Object of {@link #RCU_WAITS}: rcu_barrier, which need not wait for readers. */
    public static final int RCU_BARRIER = 1;

    /** The word of the user access that is told next: its physical address, the value. */
    public static final int USER_WORD = 32;
    /** A process has stored {@link #USER_WORD}: mm, virtual address. */
    public static final int USER_STORED = 33;
    /** A process has loaded {@link #USER_WORD}: mm, virtual address. */
    public static final int USER_LOADED = 34;
    /** An address space is about to be copied: parent. */
    public static final int MM_FORKING = 37;
    /** It has been, all of it; what threads have stored to the parent meanwhile, the child may have: parent, child. */
    public static final int MM_FORKED = 35;
    /** Parts of an address space are about to be unmapped or moved: mm. */
    public static final int MM_CHANGED = 36;

    /** Bit of a lock's mode: shared with other readers. */
    public static final int READ = 1 << 8;
    /** Bit of a lock's mode: taken by an attempt that does not wait. */
    public static final int TRY = 1 << 9;
    /** Bit of a lock's mode: one of many of its class, which only one task at a time takes (spin_lock_nest_lock). */
    public static final int NEST = 1 << 10;

    private static final int KIND_MASK = 0xff;
    private static final int SUBCLASS_SHIFT = 12;
    private static final int SUBCLASS_MASK = 7;

    private Event() {}

    /** The kind of lock in the mode of an event: a number that kernel code gives its kinds of locks. */
    public static int kindOf(long mode) {
        return (int) mode & KIND_MASK;
    }

    /** What to add to a lock's mode for a subclass: locks of one class that a task takes after each other. */
    public static int subclass(int number) {
        return (number & SUBCLASS_MASK) << SUBCLASS_SHIFT;
    }

    /** The subclass in the mode of an event, 0 unless the task has said otherwise. */
    public static int subclassOf(long mode) {
        return (int) mode >>> SUBCLASS_SHIFT & SUBCLASS_MASK;
    }
}
