package kemu.hw.cache;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import kemu.hw.cache.model.Alpha;
import kemu.hw.cache.model.Reordering;
import kemu.hw.cache.model.Sc;
import kemu.hw.cache.model.Tso;
import kemu.hw.cache.model.Weak;

/**
 * The table of memory models: what CPUs may do to the order of accesses. One more is a class of
 * {@code kemu.hw.cache.model} and a row here.
 *
 * <p>Stores become visible to all other CPUs at the same moment (memory is multi-copy atomic), a load returns the value
 * of a word at some moment not after its turn, and a store never becomes visible before earlier loads of its CPU. So,
 * of what the Linux kernel memory model allows, no model here shows load buffering (LB), IRIW or WRC with acquire loads
 * or smp_rmb in the readers, nor a release store that overtakes a store of another CPU it depends on. None shows what
 * the Linux kernel memory model forbids, except {@link #ALPHA} for address dependencies.
 */
public enum MemoryModel {
    /** See {@link Sc}. */
    SC(new Sc()),
    /** See {@link Tso}. */
    TSO(new Tso()),
    /** See {@link Weak}. */
    WEAK(new Weak()),
    /** See {@link Alpha}. */
    ALPHA(new Alpha());

    private final Reordering reordering;

    MemoryModel(Reordering reordering) {
        this.reordering = reordering;
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
        return reordering.description();
    }

    /** See {@link Reordering#buffers}. */
    public boolean buffers() {
        return reordering.buffers();
    }

    /** See {@link Reordering#reordersStores}. */
    public boolean reordersStores() {
        return reordering.reordersStores();
    }

    /** See {@link Reordering#staleLoads}. */
    public boolean staleLoads() {
        return reordering.staleLoads();
    }

    /** See {@link Reordering#dependencies}. */
    public boolean dependencies() {
        return reordering.dependencies();
    }

    /** See {@link Reordering#atomicsAreFences}. */
    public boolean atomicsAreFences() {
        return reordering.atomicsAreFences();
    }
}
