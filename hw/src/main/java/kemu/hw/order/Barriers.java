package kemu.hw.order;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Names of ordering points. Every fence, acquire and release in kernel code has one, so that a mutant is data: "weaken
 * {@code rmap.PUT_LAST_REF}". Ids depend on class initialisation order; outside the JVM only names are used.
 */
public final class Barriers {
    private static final List<String> NAMES = new ArrayList<>(List.of("none"));

    private Barriers() {}

    /** Registers a fence called {@code name} and returns its id. Static initialisers only. */
    public static synchronized int fence(String name) {
        NAMES.add(name);
        return NAMES.size() - 1;
    }

    /** Registers a named acquire; the result is an {@link Order}. Static initialisers only. */
    public static int acquire(String name) {
        return Order.named(Order.ACQUIRE, fence(name + ":acquire"));
    }

    /** Registers a named release; the result is an {@link Order}. Static initialisers only. */
    public static int release(String name) {
        return Order.named(Order.RELEASE, fence(name + ":release"));
    }

    /** Registers a named full order for a read-modify-write; the result is an {@link Order}. */
    public static int full(String name) {
        return Order.named(Order.FULL, fence(name + ":full"));
    }

    /** All names registered so far; the index is the id. */
    public static synchronized List<String> names() {
        return Collections.unmodifiableList(new ArrayList<>(NAMES));
    }
}
