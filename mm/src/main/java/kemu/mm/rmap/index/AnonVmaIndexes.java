package kemu.mm.rmap.index;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import kemu.mm.rmap.AnonVmaIndex;

/** What an anon_vma keeps its VMAs in, by name. */
public final class AnonVmaIndexes {
    /** The name of the default. */
    public static final String LIST = "list";
    /** The name of the tree. */
    public static final String INTERVAL_TREE = "interval-tree";

    /** The name of the list whose newest VMA is first, which is wrong. */
    public static final String NEWEST_FIRST = "newest-first";

    /** Suppliers, so that a class is loaded only where it is chosen and calls to the default stay direct. */
    private static final Map<String, Supplier<AnonVmaIndex>> BY_NAME = new TreeMap<>(
            Map.of(LIST, ChainList::new, INTERVAL_TREE, ChainIntervalTree::new, NEWEST_FIRST, NewestFirstList::new));

    private AnonVmaIndexes() {}

    /** All names. */
    public static String[] names() {
        return BY_NAME.keySet().toArray(new String[0]);
    }

    /**
     * The index called {@code name}.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    public static AnonVmaIndex byName(String name) {
        Supplier<AnonVmaIndex> index = BY_NAME.get(name);
        if (index == null) {
            throw new IllegalArgumentException(
                    "index of anon_vmas: " + name + " (allowed: " + String.join(", ", names()) + ")");
        }
        return index.get();
    }
}
