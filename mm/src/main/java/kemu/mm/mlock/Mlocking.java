package kemu.mm.mlock;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.MlockedFree;
import kemu.mm.page.Page;

/**
 * Who sets PG_mlocked of a page, who clears it, and under which lock. Implementations are final, stateless apart from
 * injected services, and allocation-free; each must work on both CPUs. Everything here is called for locked VMAs and
 * mlocked pages only, unless it says otherwise; most methods do nothing unless a strategy says more.
 */
public interface Mlocking extends MlockedFree {
    /** The name used on the command line. */
    String name();

    /**
     * lru_cache_add_active_or_unevictable: {@code page}, which nobody else can see yet and which is on no list, is
     * mapped by a locked VMA for the first time. Puts it on its way to a list. Context: pte lock.
     */
    void mapNew(Cpu cpu, @Ref(Page.class) long page);

    /** A locked VMA maps {@code page} once more, which others may see. Context: pte lock. */
    default void mapped(Cpu cpu, @Ref(Page.class) long page) {}

    /** True if {@link #mapped} and {@link #unmapped} want to be told. */
    default boolean followsMappings() {
        return false;
    }

    /** A locked VMA maps {@code page} no more. Context: pte lock; the caller has a reference. */
    default void unmapped(Cpu cpu, @Ref(Page.class) long page) {}

    /**
     * mlock_migrate_page: true if PG_mlocked goes with the contents of a page that is moved. Not where it says that a
     * locked VMA maps the page now: {@link #migrated} says so of the page at its new place.
     */
    default boolean movesFlag() {
        return true;
    }

    /**
     * A locked VMA maps {@code page}, which is on no list, in place of one that has moved; the flag of that one moves
     * with it if it still has it. Context: pte lock, page lock.
     */
    default void migrated(Cpu cpu, @Ref(Page.class) long page) {}

    /**
     * A locked VMA is about to map a copy of {@code page} in place of it, which others may map. Context: a reference,
     * no spinlock; may sleep.
     */
    default void copying(Cpu cpu, @Ref(Page.class) long page) {}

    /** True if {@link #lastUnmapped} wants to be told. */
    default boolean clearsOnLastUnmap() {
        return false;
    }

    /** The end of page_remove_rmap: nobody maps {@code page}, mlocked or not, any more. Context: pte lock. */
    default void lastUnmapped(Cpu cpu, @Ref(Page.class) long page) {}

    /** Whether truncation munlocks private pages, and what it must hold for that. */
    default Truncation truncation() {
        return Truncation.FREES_MLOCKED;
    }

    /** What truncation does about private pages of locked VMAs before their ptes go. */
    enum Truncation {
        /** Nothing. */
        FREES_MLOCKED,
        /** Munlocks them under the pte lock. */
        MUNLOCKS,
        /** The same, under the lock of the VMA's anon_vma; without one the page stays for the second pass. */
        MUNLOCKS_LOCKED
    }

    /**
     * The part of zap_pte_range for a private page of a range that is truncated. Only if {@link #truncation} says so.
     * Context: pte lock.
     */
    default void truncating(Cpu cpu, @Ref(Page.class) long page) {}

    /** truncate_complete_page: {@code page}, mlocked though nobody maps it, leaves the page cache. Page lock. */
    default void truncated(Cpu cpu, @Ref(Page.class) long page) {}

    /**
     * mlock() meets {@code page}, which a pte of the VMA maps. Context: pte lock.
     *
     * @return false if the page is wanted by {@link #mlockPinned}, once the pte lock is dropped
     */
    boolean mlockMapped(Cpu cpu, @Ref(Page.class) long page);

    /** The rest of mlock() for {@code page}. Context: a reference, page lock, no spinlock. */
    default void mlockPinned(Cpu cpu, @Ref(Page.class) long page) {}

    /**
     * munlock() meets {@code page}, which a pte of the VMA maps; VM_LOCKED is clear already. Context: pte lock.
     *
     * @return false if the page is wanted by {@link #munlockPinned}, once the pte lock is dropped
     */
    default boolean munlockMapped(Cpu cpu, @Ref(Page.class) long page) {
        return false;
    }

    /** The rest of munlock() for {@code page}. Context: a reference, page lock, no spinlock. */
    default void munlockPinned(Cpu cpu, @Ref(Page.class) long page, MunlockWalk walk) {}

    /**
     * try_to_unmap_one meets a locked VMA. Context: pte lock, page lock, and the lock of the list with the VMA.
     *
     * @return true if the page is mlocked now; false to ask again without the pte lock, by {@link #mlockLazily}
     */
    default boolean mlockUnderPteLock(Cpu cpu, @Ref(Page.class) long page) {
        return false;
    }

    /** The same without the pte lock, and with mmap_sem of the VMA's mm, which was to be had at once. */
    default void mlockLazily(Cpu cpu, @Ref(Page.class) long page) {}

    /** True if munmap and exit munlock locked VMAs page by page before they unmap them. */
    default boolean munlocksBeforeUnmap() {
        return true;
    }
}
