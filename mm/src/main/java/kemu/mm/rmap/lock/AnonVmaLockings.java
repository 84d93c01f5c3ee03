package kemu.mm.rmap.lock;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Function;
import kemu.mm.Kernel;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.rmap.AnonVmaLockingProvider;

/** Strategies by name: the built-in ones, and those of jars on the class path. */
public final class AnonVmaLockings {
    /** The built-in strategies; the default comes first. */
    public static final List<AnonVmaLockingProvider> BUILT_IN = List.of(
            new Entry(
                    RootRecheckLocking.NAME,
                    "2.6.36: root spinlock, mapped test repeated under it",
                    false,
                    RootRecheckLocking::new),
            new Entry(
                    RootRereadLocking.NAME,
                    "2.6.36-rc2: root spinlock, unlock re-reads the root; hangs",
                    true,
                    RootRereadLocking::new),
            new Entry(
                    RootRwSemLocking.NAME,
                    "3.8: root rwsem, trylock fast path, pin and sleep on the slow one",
                    false,
                    RootRwSemLocking::new));

    private record Entry(String name, String description, boolean knownBad, Function<Kernel, AnonVmaLocking> factory)
            implements AnonVmaLockingProvider {
        @Override
        public AnonVmaLocking create(Kernel kernel) {
            return factory.apply(kernel);
        }
    }

    private AnonVmaLockings() {}

    /** Built-in strategies, then those of jars on the class path, in order of discovery. */
    public static List<AnonVmaLockingProvider> all() {
        List<AnonVmaLockingProvider> all = new ArrayList<>(BUILT_IN);
        ServiceLoader.load(AnonVmaLockingProvider.class).forEach(all::add);
        return all;
    }

    /**
     * The provider called {@code name}.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    public static AnonVmaLockingProvider byName(String name) {
        for (AnonVmaLockingProvider built : BUILT_IN) {
            if (built.name().equals(name)) {
                return built;
            }
        }
        StringBuilder allowed = new StringBuilder();
        for (AnonVmaLockingProvider provider : all()) {
            if (provider.name().equals(name)) {
                return provider;
            }
            allowed.append(allowed.isEmpty() ? "" : ", ").append(provider.name());
        }
        throw new IllegalArgumentException("anon-vma: " + name + " (allowed: " + allowed + ")");
    }
}
