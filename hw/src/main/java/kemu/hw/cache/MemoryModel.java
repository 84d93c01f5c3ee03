package kemu.hw.cache;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What CPUs may do to the order of memory accesses.
 *
 * <p>Stores become visible to all other CPUs at the same moment (memory is multi-copy atomic), a load returns the value
 * of a word at some moment not after its turn, and a store never becomes visible before earlier loads of its CPU. So,
 * of what the Linux kernel memory model allows, no model here shows load buffering (LB), IRIW or WRC with acquire loads
 * or smp_rmb in the readers, nor a release store that overtakes a store of another CPU it depends on. None shows what
 * the Linux kernel memory model forbids, except {@link #ALPHA} for address dependencies.
 */
public enum MemoryModel {
    /** Sequentially consistent: accesses happen in program order. */
    SC("sequential consistency: every access is seen by all at once", false, false, false, false),
    /** A first-in first-out store buffer with forwarding to own loads (x86). Every atomic is a full fence. */
    TSO("x86: stores wait in a FIFO buffer, loads may overtake them", true, false, false, true),
    /**
     * Stores drain in any order, except to the same word, across smp_wmb, and past a release; stores to the same word
     * coalesce; loads may return old values until a barrier, except along address dependencies (arm64, POWER).
     */
    WEAK("arm64, POWER: stores drain out of order, loads may be stale until a barrier", true, true, true, true),
    /** As {@link #WEAK}, but an address dependency orders nothing. */
    ALPHA("as weak, and an address dependency orders nothing", true, true, true, false);

    private final String description;
    private final boolean buffers;
    private final boolean reordersStores;
    private final boolean staleLoads;
    private final boolean dependencies;

    MemoryModel(String description, boolean buffers, boolean reordersStores, boolean staleLoads, boolean dependencies) {
        this.description = description;
        this.buffers = buffers;
        this.reordersStores = reordersStores;
        this.staleLoads = staleLoads;
        this.dependencies = dependencies;
    }

    /**
     * The model called {@code name}, in lower case.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    public static MemoryModel byName(String name) {
        for (MemoryModel model : values()) {
            if (model.label().equals(name)) {
                return model;
            }
        }
        throw new IllegalArgumentException("model: " + name + " (allowed: " + String.join(", ", names()) + ")");
    }

    /** All names, from the strictest to the most relaxed. */
    public static List<String> names() {
        return Arrays.stream(values()).map(MemoryModel::label).toList();
    }

    /** Its name on the command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What it is, in half a line. */
    public String description() {
        return description;
    }

    /** True if a store becomes visible to others later than to its own CPU. */
    public boolean buffers() {
        return buffers;
    }

    /** True if stores of one CPU to different words may become visible in another order. */
    public boolean reordersStores() {
        return reordersStores;
    }

    /** True if a load may return an old value after a later store was seen. */
    public boolean staleLoads() {
        return staleLoads;
    }

    /** True if a load through a loaded address is ordered after the load of the address. */
    public boolean dependencies() {
        return dependencies;
    }
}
