package kemu.hw.cache;

import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kemu.hw.cache.model.Alpha;
import kemu.hw.cache.model.Fence;
import kemu.hw.cache.model.MemoryModelProvider;
import kemu.hw.cache.model.Sc;
import kemu.hw.cache.model.StoreOrder;
import kemu.hw.cache.model.Tso;
import kemu.hw.cache.model.Weak;

/**
 * A memory model as a machine uses it: what a {@link MemoryModelProvider} has said, once, and found to fit together.
 * Immutable; equal to any other of its name. One more built-in model is a class of {@code kemu.hw.cache.model} and a
 * row here; jars bring others.
 *
 * <p>Stores become visible to all other CPUs at the same moment (memory is multi-copy atomic), a load returns the value
 * of a word at some moment not after its turn, and a store never becomes visible before earlier loads of its CPU. So,
 * of what the Linux kernel memory model allows, no model here shows load buffering (LB), IRIW or WRC with acquire loads
 * or smp_rmb in the readers, nor a release store that overtakes a store of another CPU it depends on. No built-in one
 * shows what the Linux kernel memory model forbids, except {@link #ALPHA} for address dependencies.
 */
public final class MemoryModel {
    // First, since the rows below are checked by it.
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");

    /** See {@link Sc}. */
    public static final MemoryModel SC = new MemoryModel(new Sc());
    /** See {@link Tso}. */
    public static final MemoryModel TSO = new MemoryModel(new Tso());
    /** See {@link Weak}. */
    public static final MemoryModel WEAK = new MemoryModel(new Weak());
    /** See {@link Alpha}. */
    public static final MemoryModel ALPHA = new MemoryModel(new Alpha());

    /** From the strictest to the most relaxed. */
    private static final List<MemoryModel> BUILT_IN = List.of(SC, TSO, WEAK, ALPHA);

    private final String name;
    private final String description;
    private final StoreOrder stores;
    private final int storeEntries;
    private final boolean coalesces;
    private final boolean staleLoads;
    private final int staleEntries;
    private final boolean dependencies;
    private final boolean atomicsAreFences;
    private final Fence fullFence;
    private final Fence readFence;
    private final Fence writeFence;
    private final Fence afterAcquire;
    private final Fence beforeRelease;

    private MemoryModel(MemoryModelProvider said) {
        name = said.name();
        description = said.description();
        stores = said.stores();
        storeEntries = said.storeEntries();
        coalesces = said.coalesces();
        staleLoads = said.staleLoads();
        staleEntries = said.staleEntries();
        dependencies = said.dependencies();
        atomicsAreFences = said.atomicsAreFences();
        fullFence = said.fullFence();
        readFence = said.readFence();
        writeFence = said.writeFence();
        afterAcquire = said.afterAcquire();
        beforeRelease = said.beforeRelease();
        check();
    }

    private void check() {
        require(
                name != null && NAME.matcher(name).matches(),
                "name (allowed: small letters, digits, and dashes between them)");
        require(description != null && !description.isBlank(), "description (needed: half a line)");
        require(stores != null, "stores (needed)");
        require(isSize(storeEntries), "storeEntries: " + storeEntries + sizes());
        require(isSize(staleEntries), "staleEntries: " + staleEntries + sizes());
        require(!coalesces || stores == StoreOrder.PER_WORD, "coalesces (allowed: with stores PER_WORD)");
        require(!staleLoads || buffers(), "staleLoads (allowed: with a store buffer)");
        for (Fence fence : new Fence[] {fullFence, readFence, writeFence, afterAcquire, beforeRelease}) {
            require(fence != null && fence.stores() != null, "fences (needed)");
        }
        require(!afterAcquire.drains(), "afterAcquire (allowed: what drains no stores)");
    }

    private static boolean isSize(int entries) {
        return entries >= 1 && entries <= MemoryModelProvider.MOST_ENTRIES;
    }

    private static String sizes() {
        return " (allowed: 1.." + MemoryModelProvider.MOST_ENTRIES + ")";
    }

    private void require(boolean right, String what) {
        if (!right) {
            throw new IllegalArgumentException("model " + name + ": " + what);
        }
    }

    /**
     * What {@code provider} says.
     *
     * @throws IllegalArgumentException if it does not fit together, in one line that names it
     */
    public static MemoryModel of(MemoryModelProvider provider) {
        return new MemoryModel(provider);
    }

    /**
     * The model called {@code name}, in any case. Jars are not looked into for a built-in one.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    public static MemoryModel byName(String name) {
        return named(name, BUILT_IN)
                .or(() -> named(name, foreign()))
                .orElseThrow(() -> new IllegalArgumentException(
                        "model: " + name + " (allowed: " + String.join(", ", names()) + ")"));
    }

    private static Optional<MemoryModel> named(String name, List<MemoryModel> among) {
        return among.stream().filter(one -> one.name.equalsIgnoreCase(name)).findFirst();
    }

    /** The built-in ones, from the strictest to the most relaxed. */
    public static List<MemoryModel> builtIn() {
        return BUILT_IN;
    }

    /** What jars bring, in order of discovery. */
    public static List<MemoryModelProvider> providers() {
        return ServiceLoader.load(MemoryModelProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    /** The same as models. */
    public static List<MemoryModel> foreign() {
        return providers().stream().map(MemoryModel::of).toList();
    }

    /** Names of the built-in ones, from the strictest to the most relaxed, then those of jars. */
    public static List<String> names() {
        return Stream.concat(BUILT_IN.stream(), foreign().stream())
                .map(MemoryModel::label)
                .toList();
    }

    /** Its name on the command line. */
    public String label() {
        return name;
    }

    /** What it is, in half a line. */
    public String description() {
        return description;
    }

    /** See {@link MemoryModelProvider#stores}. */
    public StoreOrder stores() {
        return stores;
    }

    /** True if a store becomes visible to others later than to its own CPU. */
    public boolean buffers() {
        return stores != StoreOrder.AT_ONCE;
    }

    /** Drain order: true if stores of one CPU to different words may become visible in another order. */
    public boolean reordersStores() {
        return stores == StoreOrder.PER_WORD;
    }

    /**
     * True if every interleaving can be covered: nothing but the moment of one drain is to be chosen for each CPU. An
     * exhaustive search on any other model stays within a number of deviations.
     */
    public boolean coverable() {
        return !reordersStores() && !staleLoads;
    }

    /** See {@link MemoryModelProvider#storeEntries}. */
    public int storeEntries() {
        return storeEntries;
    }

    /** See {@link MemoryModelProvider#coalesces}. */
    public boolean coalesces() {
        return coalesces;
    }

    /** See {@link MemoryModelProvider#staleLoads}. */
    public boolean staleLoads() {
        return staleLoads;
    }

    /** See {@link MemoryModelProvider#staleEntries}. */
    public int staleEntries() {
        return staleEntries;
    }

    /** See {@link MemoryModelProvider#dependencies}. */
    public boolean dependencies() {
        return dependencies;
    }

    /** See {@link MemoryModelProvider#atomicsAreFences}. */
    public boolean atomicsAreFences() {
        return atomicsAreFences;
    }

    /** See {@link MemoryModelProvider#fullFence}. */
    public Fence fullFence() {
        return fullFence;
    }

    /** See {@link MemoryModelProvider#readFence}. */
    public Fence readFence() {
        return readFence;
    }

    /** See {@link MemoryModelProvider#writeFence}. */
    public Fence writeFence() {
        return writeFence;
    }

    /** See {@link MemoryModelProvider#afterAcquire}. */
    public Fence afterAcquire() {
        return afterAcquire;
    }

    /** See {@link MemoryModelProvider#beforeRelease}. */
    public Fence beforeRelease() {
        return beforeRelease;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MemoryModel model && model.name.equals(name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return name;
    }
}
