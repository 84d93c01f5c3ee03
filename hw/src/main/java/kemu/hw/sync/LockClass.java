package kemu.hw.sync;

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

    /** Where every kind of lock keeps the word made by {@link #word}: bytes from its start. */
    public static final int WORD_OFFSET = 12;

    private static final int KIND_SHIFT = 24;
    private static final int ID_MASK = (1 << KIND_SHIFT) - 1;
    private static final List<LockClass> ALL = new ArrayList<>();

    private final String name;
    private final int id;

    private LockClass(String name, int id) {
        this.name = name;
        this.id = id;
    }

    /** The class called {@code name}, made on first use. Static initialisers only. */
    public static synchronized LockClass of(String name) {
        for (LockClass known : ALL) {
            if (known.name.equals(name)) {
                return known;
            }
        }
        LockClass made = new LockClass(name, ALL.size() + 1);
        ALL.add(made);
        return made;
    }

    /** The name of the class in {@code word}, or a question mark if it holds none. */
    public static synchronized String nameOf(int word) {
        int id = word & ID_MASK;
        return id >= 1 && id <= ALL.size() ? ALL.get(id - 1).name : "?";
    }

    /** True if {@code word} names a class and a kind. */
    public static synchronized boolean isWord(int word) {
        int id = word & ID_MASK;
        return id >= 1 && id <= ALL.size() && kindOf(word) <= COMPLETION;
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

    /** Number from 1; 0 in memory means not initialised. */
    public int id() {
        return id;
    }
}
