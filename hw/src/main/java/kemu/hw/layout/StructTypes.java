package kemu.hw.layout;

import java.util.ArrayList;
import java.util.List;

/**
 * Numbers of struct types, by which instruments tell what struct an access is meant for: accessors of a field name the
 * struct it belongs to.
 */
public final class StructTypes {
    /** No struct in particular. */
    public static final int NONE = 0;
    /** The slab allocator's own words, in free objects and around them. */
    public static final int SLAB_WORDS = 1;

    private static final List<String> NAMES = new ArrayList<>(List.of("", "slab words"));

    private StructTypes() {}

    /** The number of the struct called {@code name}: the same in this process whenever it is asked for. */
    public static synchronized int of(String name) {
        int known = NAMES.indexOf(name);
        if (known < 0) {
            NAMES.add(name);
            return NAMES.size() - 1;
        }
        return known;
    }

    /** The name of struct {@code type}. */
    public static synchronized String nameOf(int type) {
        return NAMES.get(type);
    }

    /** One more than the highest number so far. */
    public static synchronized int count() {
        return NAMES.size();
    }
}
