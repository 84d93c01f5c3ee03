package kemu.kernel.locking;

import java.util.ArrayList;
import java.util.List;

/**
 * All locks of one kind, such as {@code anon_vma->lock}: what reports and the lock-order checker speak of. The id is
 * stored in every lock when it is initialised.
 */
public final class LockClass {
    /** Kind of lock: {@link SpinLock}. */
    public static final int SPIN = 0;
    /** Kind of lock: mutex. */
    public static final int MUTEX = 1;
    /** Kind of lock: reader-writer semaphore. */
    public static final int RWSEM = 2;
    /** Kind of lock: completion. */
    public static final int COMPLETION = 3;
    /** Kind of lock: a bit of a word, which has no room for a class. */
    public static final int BIT = 4;

    /** Where every kind of lock keeps the word made by {@link #word}: bytes from its start. */
    public static final int WORD_OFFSET = 12;

    private static final int KIND_SHIFT = 24;
    private static final long FACTOR = 0x9e3779b97f4a7c15L;
    private static final int ID_MASK = (1 << KIND_SHIFT) - 1;
    private static final List<LockClass> ALL = new ArrayList<>();

    /** The lock of a run queue: one task takes it, and the next one frees it. */
    public static final LockClass RUN_QUEUE = of("rq->lock");

    private final String name;
    private final int id;

    private LockClass(String name, int id) {
        this.name = name;
        this.id = id;
    }

    /**
     * The class called {@code name}, made on first use. Static initialisers only.
     *
     * <p>The id follows from the name alone, not from the order of initialisation: it is part of every lock in memory,
     * which must repeat from one process to the next.
     */
    public static synchronized LockClass of(String name) {
        int id = 1 + (int) ((name.hashCode() * FACTOR >>> 40) % ID_MASK);
        LockClass known = byId(id);
        if (known != null && !known.name.equals(name)) {
            throw new IllegalStateException("lock classes " + known.name + " and " + name + " need other names");
        }
        if (known == null) {
            known = new LockClass(name, id);
            ALL.add(known);
        }
        return known;
    }

    private static LockClass byId(int id) {
        for (LockClass known : ALL) {
            if (known.id == id) {
                return known;
            }
        }
        return null;
    }

    /** The name of the class in {@code word}, or a question mark if it holds none. */
    public static synchronized String nameOf(int word) {
        LockClass known = byId(word & ID_MASK);
        return known == null ? "?" : known.name;
    }

    /** True if {@code word} names a class and a kind. */
    public static synchronized boolean isWord(int word) {
        return byId(word & ID_MASK) != null && kindOf(word) <= COMPLETION;
    }

    /** The kind in {@code word}. */
    public static int kindOf(int word) {
        return word >>> KIND_SHIFT;
    }

    /** What a lock of this class and {@code kind} stores at {@link #WORD_OFFSET}. */
    public int word(int kind) {
        return kind << KIND_SHIFT | id;
    }

    /** The name. */
    public String name() {
        return name;
    }

    /** True if {@code word} is that of a lock of this class. */
    public boolean isOf(int word) {
        return (word & ID_MASK) == id;
    }

    /** A number that follows from the name, never 0; 0 in memory means not initialised. */
    public int id() {
        return id;
    }
}
