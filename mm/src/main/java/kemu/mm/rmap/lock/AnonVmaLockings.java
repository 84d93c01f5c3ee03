package kemu.mm.rmap.lock;

import java.util.List;
import java.util.function.Function;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.rmap.AnonVmaLockingProvider;
import kemu.mm.rmap.AnonVmaServices;
import kemu.mm.strategy.Strategies;

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
                    RootRereadLocking::fastReuse),
            new Entry(
                    RootRwSemLocking.NAME,
                    "3.8: root rwsem, trylock fast path, pin and sleep on the slow one",
                    false,
                    RootRwSemLocking::plain),
            new Entry(
                    RootRwSemLocking.REVALIDATE,
                    "6.8: as root-rwsem, mapping re-read under the lock",
                    false,
                    RootRwSemLocking::revalidating),
            new Entry(
                    RefcountLocking.NAME,
                    "3.0 draft: pin by reference count, then the root's sleeping lock",
                    false,
                    RefcountLocking::new),
            new Entry(
                    RootRereadLocking.OBJECT_RCU,
                    "root-reread, every freed anon_vma reused only after a grace period",
                    false,
                    RootRereadLocking::objectRcu),
            new Entry(
                    LocalLocking.NAME,
                    "2.6.33: every anon_vma has its own spinlock",
                    false,
                    LocalLocking::withMappedTest),
            new Entry(
                    LocalLocking.NO_MAPPED_TEST,
                    "proposal of April 2010: local-lock without the mapped test; locks foreign memory",
                    true,
                    LocalLocking::withoutMappedTest),
            new Entry(
                    OwnLockFirstLocking.NAIVE,
                    "proposal of August 2010: own spinlock, then the root's; roots change without it",
                    true,
                    OwnLockFirstLocking::naive),
            new Entry(
                    OwnLockFirstLocking.NAME,
                    "the same, and a root changes only under the own spinlock",
                    false,
                    OwnLockFirstLocking::full));

    /** Strategies that exist for one scenario only: found by name, listed nowhere. */
    private static final List<AnonVmaLockingProvider> UNLISTED = List.of(new Entry(
            RootReadTwiceLocking.NAME,
            "root-recheck as compiled without ACCESS_ONCE; unlocks another root",
            true,
            RootReadTwiceLocking::new));

    private static final Strategies<AnonVmaLockingProvider> FAMILY =
            new Strategies<>("anon-vma", AnonVmaLockingProvider.class, BUILT_IN);

    private record Entry(
            String name, String description, boolean knownBad, Function<AnonVmaServices, AnonVmaLocking> factory)
            implements AnonVmaLockingProvider {
        @Override
        public boolean reusesAfterGracePeriod() {
            return name.equals(RootRereadLocking.OBJECT_RCU);
        }

        @Override
        public boolean seesOtherRoots() {
            return name.equals(RootRwSemLocking.REVALIDATE);
        }

        @Override
        public AnonVmaLocking create(AnonVmaServices services) {
            return factory.apply(services);
        }
    }

    private AnonVmaLockings() {}

    /** Built-in strategies, then those of jars on the class path, in order of discovery. */
    public static List<AnonVmaLockingProvider> all() {
        return FAMILY.all();
    }

    /** Those of jars on the class path only. */
    public static List<AnonVmaLockingProvider> foreign() {
        return FAMILY.foreign();
    }

    /**
     * The provider called {@code name}.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    public static AnonVmaLockingProvider byName(String name) {
        AnonVmaLockingProvider unlisted = Strategies.find(name, UNLISTED);
        return unlisted != null ? unlisted : FAMILY.byName(name);
    }
}
