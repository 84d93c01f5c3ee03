package kemu.mm.mlock.kind;

import java.util.List;
import java.util.function.Function;
import kemu.mm.mlock.MlockServices;
import kemu.mm.mlock.Mlocking;
import kemu.mm.mlock.MlockingProvider;
import kemu.mm.page.LruRules;
import kemu.mm.page.LruRules.Adding;
import kemu.mm.page.LruRules.Bit;
import kemu.mm.strategy.Strategies;

/** The ways to mlock pages, by name: the built-in ones, and those of jars on the class path. */
public final class Mlockings {
    /** The default. */
    public static final String DEFAULT = "with-barrier";

    /** The built-in ones; the default comes first. */
    public static final List<MlockingProvider> BUILT_IN = List.of(
            lru(DEFAULT, "2.6.32: under the page lock; putback looks again after a fence", false, LruRules.DEFAULT),
            lru(
                    "without-barrier",
                    "2.6.32-rc5: the same, no fence; both flags are bits of one word",
                    false,
                    new LruRules(Bit.FLAG, Adding.AS_FLAGS_SAY, false)),
            lru(
                    "split-with-barrier",
                    "2.6.32, PG_lru in a word of its own, set by a store",
                    false,
                    new LruRules(Bit.WORD_STORED, Adding.AS_FLAGS_SAY, true)),
            lru(
                    "split-without-barrier",
                    "the same, no fence",
                    true,
                    new LruRules(Bit.WORD_STORED, Adding.AS_FLAGS_SAY, false)),
            lru(
                    "pagevec",
                    "4.16: the list is chosen when a page leaves the pagevec, after a fence",
                    false,
                    new LruRules(Bit.FLAG, Adding.SET_THEN_TEST, true)),
            lru(
                    "pagevec-without-barrier",
                    "the same, no fence; both flags are bits of one word",
                    false,
                    new LruRules(Bit.FLAG, Adding.SET_THEN_TEST, false)),
            lru(
                    "split-pagevec",
                    "4.16, PG_lru in a word of its own, set by a store",
                    false,
                    new LruRules(Bit.WORD_STORED, Adding.SET_THEN_TEST, true)),
            lru(
                    "split-pagevec-without-barrier",
                    "the same, no fence",
                    true,
                    new LruRules(Bit.WORD_STORED, Adding.SET_THEN_TEST, false)),
            lru(
                    "split-pagevec-atomic-without-barrier",
                    "the same, PG_lru set by an atomic operation without order",
                    true,
                    new LruRules(Bit.WORD_SET, Adding.SET_THEN_TEST, false)),
            lru(
                    "pagevec-test-first",
                    "4.16, PG_mlocked is looked at before PG_lru is set",
                    true,
                    new LruRules(Bit.FLAG, Adding.TEST_THEN_SET, true)),
            lru(
                    "unlocked-rescue",
                    "5.11: SHM_UNLOCK looks at PG_lru without the lock; the rest as 2.6.32",
                    false,
                    LruRules.DEFAULT.withRescueThatLooksFirst()),
            lru(
                    "unlocked-rescue-without-barrier",
                    "the same, no fence in putback: bad where a load may come before an atomic without order",
                    true,
                    new LruRules(Bit.FLAG, Adding.AS_FLAGS_SAY, false).withRescueThatLooksFirst()),
            lru(
                    "split-unlocked-rescue",
                    "5.11, PG_lru in a word of its own, set by a store",
                    false,
                    new LruRules(Bit.WORD_STORED, Adding.AS_FLAGS_SAY, true).withRescueThatLooksFirst()),
            lru(
                    "split-unlocked-rescue-without-barrier",
                    "the same, PG_lru set by a store, no fence in putback",
                    true,
                    new LruRules(Bit.WORD_STORED, Adding.AS_FLAGS_SAY, false).withRescueThatLooksFirst()),
            entry(
                    ZapMlocking.NAME,
                    "proposal of 2009: truncation munlocks private pages under the anon_vma lock",
                    true,
                    true,
                    ZapMlocking::locked),
            entry(ZapMlocking.UNLOCKED, "the same, without that lock", true, true, ZapMlocking::unlocked),
            entry(
                    PteLockMlocking.NAME,
                    "2.6.38: mlock() mlocks under the pte lock; truncation as in 2.6.32",
                    false,
                    true,
                    services -> new PteLockMlocking(PteLockMlocking.NAME, services)),
            entry(
                    LastUnmapMlocking.NAME,
                    "3.7: the last unmapping clears PG_mlocked; reclaim may set it afterwards",
                    true,
                    false,
                    LastUnmapMlocking::shipped),
            entry(
                    LastUnmapMlocking.REPAIRED,
                    "4.4: the same, reclaim sets it under the pte lock",
                    false,
                    false,
                    LastUnmapMlocking::repaired),
            counted(
                    CountedMlocking.NAME,
                    "5.18: mappings of locked VMAs are counted; munlock of a page on no list takes no lock",
                    true,
                    CountedMlocking::shipped),
            counted(CountedMlocking.LOCKED, "the same, takes lru_lock for that, too", false, CountedMlocking::locked));

    private static final Strategies<MlockingProvider> FAMILY =
            new Strategies<>("mlock", MlockingProvider.class, BUILT_IN);

    private record Entry(
            String name,
            String description,
            boolean knownBad,
            boolean freesMlocked,
            LruRules lruRules,
            Function<MlockServices, Mlocking> factory)
            implements MlockingProvider {
        @Override
        public Mlocking create(MlockServices services) {
            return factory.apply(services);
        }
    }

    private Mlockings() {}

    private static MlockingProvider lru(String name, String description, boolean knownBad, LruRules rules) {
        return new Entry(name, description, knownBad, true, rules, services -> new PageLockMlocking(name, services));
    }

    private static MlockingProvider entry(
            String name,
            String description,
            boolean knownBad,
            boolean freesMlocked,
            Function<MlockServices, Mlocking> factory) {
        return new Entry(name, description, knownBad, freesMlocked, LruRules.DEFAULT, factory);
    }

    private static MlockingProvider counted(
            String name, String description, boolean knownBad, Function<MlockServices, Mlocking> factory) {
        return new Entry(name, description, knownBad, false, LruRules.COUNTING, factory);
    }

    /** The built-in ones, then those of jars on the class path, in order of discovery. */
    public static List<MlockingProvider> all() {
        return FAMILY.all();
    }

    /** Those of jars on the class path only. */
    public static List<MlockingProvider> foreign() {
        return FAMILY.foreign();
    }

    /**
     * The provider called {@code name}.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    public static MlockingProvider byName(String name) {
        return FAMILY.byName(name);
    }
}
