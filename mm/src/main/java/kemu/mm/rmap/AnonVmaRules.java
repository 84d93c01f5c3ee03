package kemu.mm.rmap;

/**
 * How anon_vmas live and die: as the kernel does it here, or with one rule of another version, or of a proposal, in its
 * place. How they are looked up is not said here but by {@link AnonVmaLocking}. The known-bad ones are kept to be
 * convicted.
 */
public enum AnonVmaRules {
    /** As described in {@link AnonVmas}. */
    CURRENT(false),
    /**
     * Mapcounts of anonymous pages fall where their memory is freed, after the VMA is unlinked. Proposed in November
     * 2022 together with freeing pages after the flush of the TLB; merged for file pages only (5df397dec7c4, 6.2).
     */
    LATE_MAPCOUNT(true),
    /** unlink_anon_vmas goes from the root to the newest; children still pin the root. */
    OLDEST_FIRST(false),
    /** Children hold no reference on the root, as in 2.6.36 without KSM and migration. Holds as long as nobody pins. */
    ROOT_NOT_PINNED(true),
    /** Both: the root goes first, and nothing pins it. */
    OLDEST_FIRST_NOT_PINNED(true),
    /**
     * __put_anon_vma frees the root before the child, whose free still reads it: 2.6.39 to 3.15, before 624483f3ea82.
     */
    ROOT_FREED_FIRST(true),
    /** anon_vma_prepare links to a new anon_vma without its lock: before 2.6.28, d9d332e0874. */
    NEW_NOT_LOCKED(true),
    /**
     * fork takes an anon_vma of the chain that seems unused instead of a new one; one number per anon_vma counts
     * children and VMAs together, so a leaf is taken twice: 3.19 to 6.0-rc3, 7a3ef208e662, CVE-2022-42703.
     */
    REUSE_BY_DEGREE(true),
    /** The same with children and VMAs counted apart: 6.0-rc4, 2555283eb40d. */
    REUSE_BY_COUNTERS(false),
    /** A page that processes share points to the newest anon_vma of the first that maps it: before 2.6.34-rc4. */
    SHARED_TO_NEWEST(true),
    /**
     * The cache of anon_vmas is not SLAB_DESTROY_BY_RCU: an empty slab's page goes at once. No kernel was like that.
     */
    NOT_TYPESAFE(true),
    /** root-recheck reads the root again where it gives up, as a compiler may without ACCESS_ONCE in 2.6.36-rc3. */
    ROOT_READ_TWICE(true);

    private final boolean knownBad;

    AnonVmaRules(boolean knownBad) {
        this.knownBad = knownBad;
    }

    /** True if some scenario convicts it. */
    public boolean knownBad() {
        return knownBad;
    }

    /** True if children hold references on the root. */
    boolean pinsRoot() {
        return this != ROOT_NOT_PINNED && this != OLDEST_FIRST_NOT_PINNED;
    }

    /** True if VMAs leave the root before its children. */
    boolean unlinksOldestFirst() {
        return this == OLDEST_FIRST || this == OLDEST_FIRST_NOT_PINNED;
    }

    /** True if fork may take an anon_vma of its parent's chain. */
    boolean reuses() {
        return this == REUSE_BY_DEGREE || this == REUSE_BY_COUNTERS;
    }
}
