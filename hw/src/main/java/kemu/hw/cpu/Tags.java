package kemu.hw.cpu;

import java.util.ArrayList;
import java.util.List;

/** Names of latency series. A tag is a small integer, so that recording costs an array index and nothing else. */
public final class Tags {
    private static final List<String> NAMES = new ArrayList<>();

    private Tags() {}

    /** Registers a series called {@code name}, or returns its tag if it exists. Static initialisers and boot only. */
    public static synchronized int tag(String name) {
        int known = NAMES.indexOf(name);
        if (known >= 0) {
            return known;
        }
        NAMES.add(name);
        return NAMES.size() - 1;
    }

    /** All names registered so far; the index is the tag. */
    public static synchronized List<String> names() {
        return List.copyOf(NAMES);
    }
}
