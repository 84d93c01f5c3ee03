package kemu.mm.swap;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.BootAllocator;
import kemu.hw.machine.Machine;
import kemu.hw.order.Barriers;
import kemu.kernel.context.Preempt;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;

/**
 * {@code swapper_space}: the pages that have a swap entry, as an array of page addresses by entry, since entries are
 * dense. The cache holds one reference on each of its pages; the page has PG_SWAPCACHE and its entry in PRIVATE.
 *
 * <p>A slot has one writer at a time: only who owns {@link SwapArea#SWAP_HAS_CACHE} of the entry may fill it, only who
 * holds the page lock may empty it, so no tree lock is needed. Lookups are lockless as in
 * {@link kemu.mm.file.PageCache#find}; struct pages are never freed, so without RCU as well. Preemption stays disabled
 * between claiming an entry and filling its slot, and between freezing a page and emptying it, because others spin for
 * the end of both.
 *
 * <p>Source: Linux 2.6.36 mm/swap_state.c, which uses a radix tree and its lock.
 */
public final class SwapCache {
    /** The page's words before its slot; pairs with the address dependency of {@link #lookup}. */
    private static final int PUBLISH = Barriers.release("swap_cache.slot");

    private final SwapArea area;
    private final PageAllocator pages;
    private final VmStat vmStat;
    private final long slots;

    /** An empty cache over {@code area} with its slots at {@code slots}. Boot only. */
    SwapCache(long slots, SwapArea area, PageAllocator pages, VmStat vmStat) {
        this.slots = slots;
        this.area = area;
        this.pages = pages;
        this.vmStat = vmStat;
    }

    /** Memory for the slots of a cache over {@code area}. Boot only. */
    static long reserve(Machine machine, SwapArea area) {
        BootAllocator memory = machine.bootAllocator();
        return memory.allocate(machine.bootCpu(), Long.BYTES * (area.entries() + 1L), 64, "swap cache");
    }

    private long slot(long entry) {
        return slots + Long.BYTES * entry;
    }

    /** find_get_page on swapper_space: the page with a reference, or NULL. Lockless. */
    @Ref(Page.class)
    long lookup(Cpu cpu, long entry) {
        long slot = slot(entry);
        // Ends: a page with count 0 in its slot is being removed by a CPU that cannot be preempted.
        while (true) {
            long page = cpu.loadDependent64(slot);
            if (page == Cpu.NULL) {
                return Cpu.NULL;
            }
            if (Page.getUnlessZero(cpu, page)) {
                if (cpu.readOnce64(slot) == page) {
                    return page;
                }
                pages.putPage(cpu, page);
            } else {
                cpu.relax();
            }
        }
    }

    /** add_to_swap_cache: fills the slot. Context: page locked, the caller owns the entry's SWAP_HAS_CACHE. */
    void add(Cpu cpu, @Ref(Page.class) long page, long entry) {
        Page.get(cpu, page);
        Page.PRIVATE.set(cpu, page, entry);
        Page.FLAGS.setBits(cpu, page, Page.PG_SWAPCACHE);
        cpu.storeRelease64(slot(entry), page, PUBLISH);
        vmStat.inc(cpu, VmStatItem.NR_FILE_PAGES);
        vmStat.inc(cpu, VmStatItem.NR_SWAPCACHED);
    }

    /** delete_from_swap_cache: empties the slot and drops the cache's reference and entry. Context: page locked. */
    void delete(Cpu cpu, @Ref(Page.class) long page) {
        long entry = Page.PRIVATE.get(cpu, page);
        Preempt.disable(cpu);
        clear(cpu, page, entry);
        area.freeCache(cpu, entry);
        Preempt.enable(cpu);
        pages.putPage(cpu, page);
    }

    /** __remove_mapping: see {@link Swap#removeMapping}. Context: page locked. */
    boolean remove(Cpu cpu, @Ref(Page.class) long page) {
        long entry = Page.PRIVATE.get(cpu, page);
        Preempt.disable(cpu);
        if (Page.COUNT.cmpxchg(cpu, page, 2, 0) != 2) {
            Preempt.enable(cpu);
            return false;
        }
        // After the count: whoever dirtied the page did so before dropping the reference we would have seen.
        if (Page.test(cpu, page, Page.PG_DIRTY)) {
            Page.COUNT.release(cpu, page, 2);
            Preempt.enable(cpu);
            return false;
        }
        clear(cpu, page, entry);
        area.freeCache(cpu, entry);
        Preempt.enable(cpu);
        return true;
    }

    /** See {@link Swap#moveMapping}: the entry's cache reference goes over to {@code fresh}. Context: both locked. */
    boolean replace(Cpu cpu, @Ref(Page.class) long fresh, @Ref(Page.class) long old) {
        long entry = Page.PRIVATE.get(cpu, old);
        Preempt.disable(cpu);
        if (Page.COUNT.cmpxchg(cpu, old, 2, 0) != 2) {
            Preempt.enable(cpu);
            return false;
        }
        Page.get(cpu, fresh);
        Page.PRIVATE.set(cpu, fresh, entry);
        Page.FLAGS.setBits(cpu, fresh, Page.PG_SWAPCACHE);
        cpu.storeRelease64(slot(entry), fresh, PUBLISH);
        Page.PRIVATE.set(cpu, old, 0);
        Page.FLAGS.clearBits(cpu, old, Page.PG_SWAPCACHE);
        Page.COUNT.release(cpu, old, 1);
        Preempt.enable(cpu);
        return true;
    }

    private void clear(Cpu cpu, long page, long entry) {
        cpu.writeOnce64(slot(entry), Cpu.NULL);
        Page.PRIVATE.set(cpu, page, 0);
        Page.FLAGS.clearBits(cpu, page, Page.PG_SWAPCACHE);
        vmStat.add(cpu, VmStatItem.NR_FILE_PAGES, -1);
        vmStat.add(cpu, VmStatItem.NR_SWAPCACHED, -1);
    }
}
