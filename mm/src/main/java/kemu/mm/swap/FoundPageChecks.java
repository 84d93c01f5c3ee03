package kemu.mm.swap;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Page;

/**
 * Whether the page found in the swap cache by the entry of a pte is the page of that pte: until it is locked it may
 * leave the cache, and the entry may come to another one. The methods are the kernel's own.
 */
public interface FoundPageChecks {
    /**
     * do_swap_page: {@code page} is locked, with {@code flags}; true if it still has {@code entry}. Context: page lock.
     */
    default boolean faults(Cpu cpu, @Ref(Page.class) long page, long flags, long entry) {
        return (flags & Page.PG_SWAPCACHE) != 0 && Page.PRIVATE.get(cpu, page) == entry;
    }

    /** The same for UFFDIO_MOVE of a swap entry. Source: 0ea148a79919 (6.16). */
    default boolean moves(Cpu cpu, @Ref(Page.class) long page, long entry) {
        return Page.test(cpu, page, Page.PG_SWAPCACHE) && Page.PRIVATE.get(cpu, page) == entry;
    }

    /** None was found; true if none has come since. Context: the pte lock, which keeps the entry. Source: the same. */
    default boolean movesWithout(Cpu cpu, Swap swap, long entry) {
        return !swap.hasCache(cpu, entry);
    }
}
