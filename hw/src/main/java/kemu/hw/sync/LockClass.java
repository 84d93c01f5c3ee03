package kemu.hw.sync;

import java.util.ArrayList;
import java.util.List;

/**
 * All locks of one kind, such as {@code anon_vma->lock}: what reports and the lock-order checker speak of. The id is
 * stored in every lock when it is initialised.
 */
public final class LockClass {
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

    /** The name of class {@code id}, or a question mark if memory holds no such id. */
    public static synchronized String nameOf(int id) {
        return id >= 1 && id <= ALL.size() ? ALL.get(id - 1).name : "?";
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
