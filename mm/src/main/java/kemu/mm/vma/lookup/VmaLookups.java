package kemu.mm.vma.lookup;

import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import kemu.hw.machine.Machine;
import kemu.mm.strategy.Strategies;
import kemu.mm.vma.SpeculativeRules;
import kemu.mm.vma.VmaLookup;
import kemu.mm.vma.VmaLookupProvider;
import kemu.mm.vma.VmaMemory;
import kemu.mm.vma.VmaServices;
import kemu.mm.vma.lookup.LockSeqOrder.AcquireOnly;
import kemu.mm.vma.lookup.LockSeqOrder.EarlyAcquire;
import kemu.mm.vma.lookup.LockSeqOrder.ReleaseAcquire;
import kemu.mm.vma.lookup.LockSeqOrder.ReleaseOnly;
import kemu.mm.vma.lookup.LockSeqOrder.Unordered;

/** The ways to find a VMA, by name: the built-in ones, and those of jars on the class path. */
public final class VmaLookups {
    /** The default. */
    public static final String DEFAULT = MmapSemLookup.NAME;

    /** The built-in ones; the default comes first. */
    public static final List<VmaLookupProvider> BUILT_IN = List.of(
            new Entry(
                    MmapSemLookup.NAME,
                    "2.6.36: every fault takes mmap_sem",
                    false,
                    VmaMemory.NOTHING,
                    services -> new MmapSemLookup()),
            spf(SpfLookup.NAME, "v12 of 2019: speculative faults", SpeculativeRules.ALL),
            spf("spf-nref", "the same, a VMA found is not referenced", SpeculativeRules.ALL.withReferences(false)),
            spf(
                    "spf-put-now",
                    "the same, the tree's reference is put at once",
                    SpeculativeRules.ALL.withPutsAfterGracePeriod(false)),
            spf("spf-noseq", "the same, a lookup is never repeated", SpeculativeRules.ALL.withRetriesLookup(false)),
            spf(
                    "spf-bounds",
                    "the same, no look at the sequence after the bounds",
                    SpeculativeRules.ALL.withChecksAfterBounds(false)),
            spf(
                    "spf-bounds-late",
                    "the same, the sequence is read after the bounds",
                    SpeculativeRules.ALL.withSamplesFirst(false)),
            spf(
                    "spf-zap",
                    "the same, no look at the VMA under the pte lock",
                    SpeculativeRules.ALL.withChecksUnderPteLock(false)),
            spf(
                    "spf-irq-deadlock",
                    "the same, waits for the pte lock while flushes wait",
                    SpeculativeRules.ALL.withTriesPteLock(false)),
            spf(
                    "spf-torn-index",
                    "as v12: a new page's index is computed from a VMA that may be split meanwhile",
                    SpeculativeRules.ALL.withCopiesIndex(false)),
            spf(
                    "spf-copy",
                    "the same, no look at the VMA once the pte is locked to map a copy",
                    SpeculativeRules.ALL.withChecksCopy(false)),
            spf(
                    "spf-reuse",
                    "the same, no look at the VMA once the pte is locked to reuse a page whose lock was waited for",
                    SpeculativeRules.ALL.withChecksReuse(false)),
            spf(
                    "spf-swap",
                    "the same, no look at the VMA once the pte is locked to map a page of the swap cache",
                    SpeculativeRules.ALL.withChecksSwapIn(false)),
            spf(
                    "spf-fork",
                    "the same, fork does not mark the VMAs it copies as changing",
                    SpeculativeRules.ALL.withMarksForFork(false)),
            spf(
                    "spf-clear-late",
                    "the same, a VMA says that it is on no tree after the tree's reference is put",
                    SpeculativeRules.ALL.withClearsNodeFirst(false)),
            spfCache(
                    "spf-cache-v12",
                    "as posted: caches of tasks are invalidated after the put is queued",
                    VmaCache.AfterPut::new),
            spfCache("spf-cache-late", "the same, after the owner's reference is put", VmaCache.AfterOwner::new),
            spfCache("spf-cache-never", "the same, caches of tasks are never invalidated", VmaCache.Never::new),
            new Entry(
                    MapleLookup.NAME,
                    "6.5: every fault takes mmap_sem, VMAs are in an RCU-safe range tree",
                    false,
                    MapleLookup.MEMORY,
                    services -> new MapleLookup(MapleLookup.NAME, services)),
            new Entry(
                    MapleLookup.GrownByReader.SHIPPED,
                    "6.1: the same, stacks grow under mmap_sem (R)",
                    true,
                    MapleLookup.MEMORY,
                    MapleLookup.GrownByReader::new),
            new Entry(
                    MapleLookup.WalkedUnderRcu.RCU_WALK,
                    "the same, walks of the tree are readers of RCU; one thread at a time grows a stack",
                    true,
                    MapleLookup.MEMORY,
                    MapleLookup.WalkedUnderRcu::new),
            lock(VmaLockLookup.NAME, "6.4.10: a rw_semaphore and a number in each VMA", false, true),
            lock(VmaLockLookup.FIRST, "6.4.0: the same, anon_vma is tested before the VMA is locked", true, true),
            lock(VmaLockLookup.FORK, "6.4.0 to 6.4.2: the same, fork does not lock the VMAs it copies", false, false),
            new Entry(
                    UnlockedRetryLookup.RETRIES,
                    "the same, a fault without anon_vma begins anew and takes no mmap_sem",
                    true,
                    VmaLockWords.MEMORY,
                    UnlockedRetryLookup::new),
            new Entry(
                    NoForgetLookup.NO_FORGET,
                    "the same, what was to change is not forgotten when memory is out",
                    true,
                    VmaLockWords.MEMORY,
                    NoForgetLookup::new),
            unordered("per-vma-lock-relaxed", "6.4.0: the same, the mm's number orders nothing", new Unordered()),
            unordered("per-vma-lock-release", "the same, only the writer's store of it orders", new ReleaseOnly()),
            unordered("per-vma-lock-acquire", "the same, only the fault's load of it orders", new AcquireOnly()),
            unordered("per-vma-lock-early", "the same, only its first load and the store order", new EarlyAcquire()),
            refcount(
                    VmaRefcountLookup.NAME, "6.17: reference count on type-stable VMAs", false, ForeignPut.Pinned::new),
            refcount(
                    VmaRefcountLookup.SHIPPED,
                    "6.15: the same, wakes through the mm of a recycled VMA",
                    true,
                    services -> new ForeignPut.AsShipped()),
            refcount(
                    VmaRefcountLookup.NO_WAKE,
                    "the same, wakes nobody there",
                    true,
                    services -> new ForeignPut.NotWoken()),
            new Entry(
                    EarlyOwnerLookup.EARLY_OWNER,
                    "the same, compares the mm only before it counts itself",
                    true,
                    EarlyOwnerLookup.MEMORY,
                    EarlyOwnerLookup::new),
            new Entry(
                    VmaRefcountLookup.OBJECT_RCU,
                    "as 6.15, every freed VMA reused only after a grace period",
                    false,
                    VmaRefcount.AFTER_GRACE_PERIOD,
                    services ->
                            new VmaRefcountLookup(VmaRefcountLookup.OBJECT_RCU, services, new ForeignPut.AsShipped())));

    private static final Strategies<VmaLookupProvider> FAMILY =
            new Strategies<>("vma-lookup", VmaLookupProvider.class, BUILT_IN);

    private record Entry(
            String name,
            String description,
            boolean knownBad,
            VmaMemory memory,
            Function<VmaServices, VmaLookup> factory)
            implements VmaLookupProvider {
        @Override
        public VmaLookup create(VmaServices services) {
            return factory.apply(services);
        }
    }

    private VmaLookups() {}

    /** Classes that register ordering points of lookups, whichever of these a kernel uses. */
    public static List<Class<?>> barrierHolders() {
        return List.of(SpfLookup.class, VmaCache.class, LockSeqOrder.class, VmaRefcount.class, VmaRefcountLookup.class);
    }

    private static VmaLookupProvider lock(String name, String description, boolean looksFirst, boolean locksForFork) {
        return new Entry(
                name,
                description,
                looksFirst || !locksForFork,
                VmaLockWords.MEMORY,
                services -> new VmaLockLookup(name, looksFirst, locksForFork, new ReleaseAcquire(), services));
    }

    private static VmaLookupProvider unordered(String name, String description, LockSeqOrder order) {
        return new Entry(
                name,
                description,
                true,
                VmaLockWords.MEMORY,
                services -> new VmaLockLookup(name, false, true, order, services));
    }

    private static VmaLookupProvider spf(String name, String description, SpeculativeRules rules) {
        return new Entry(
                name,
                description,
                // A look that is missing after the bounds is made up for under the pte lock.
                !rules.withChecksAfterBounds(true).equals(SpeculativeRules.ALL),
                SpfWords.MEMORY,
                services ->
                        new SpfLookup(name, rules, new VmaCache(services.machine(), services.taskWords()), services));
    }

    private static VmaLookupProvider spfCache(
            String name, String description, BiFunction<Machine, Long, VmaCache> cache) {
        return new Entry(
                name,
                description,
                true,
                SpfWords.MEMORY,
                services -> new SpfLookup(
                        name, SpeculativeRules.ALL, cache.apply(services.machine(), services.taskWords()), services));
    }

    private static VmaLookupProvider refcount(
            String name, String description, boolean knownBad, Function<VmaServices, ForeignPut> foreignPut) {
        return new Entry(
                name,
                description,
                knownBad,
                VmaRefcount.MEMORY,
                services -> new VmaRefcountLookup(name, services, foreignPut.apply(services)));
    }

    /** The built-in ones, then those of jars on the class path, in order of discovery. */
    public static List<VmaLookupProvider> all() {
        return FAMILY.all();
    }

    /** Those of jars on the class path only. */
    public static List<VmaLookupProvider> foreign() {
        return FAMILY.foreign();
    }

    /**
     * The provider called {@code name}.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    public static VmaLookupProvider byName(String name) {
        return FAMILY.byName(name);
    }
}
