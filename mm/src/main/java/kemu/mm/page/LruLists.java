package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Order;
import kemu.rcu.list.ListHead;

/**
 * The zone's five LRU lists. Every function runs under zone->lru_lock and keeps three things together: PG_LRU, the link
 * on the list that PG_UNEVICTABLE, PG_ACTIVE and PG_SWAPBACKED name, and the list's count.
 *
 * <p>Source: Linux 2.6.36 include/linux/mm_inline.h.
 */
class LruLists {
    private final long zone;
    private final VmStat vmStat;
    private final LruRules.LruBit bit;

    LruLists(@Ref(Zone.class) long zone, VmStat vmStat, LruRules.LruBit bit) {
        this.zone = zone;
        this.vmStat = vmStat;
        this.bit = bit;
    }

    /** The look without the lock: false if the page is on no list, or will be. */
    final boolean looksLinked(Cpu cpu, @Ref(Page.class) long page) {
        return bit.looksLinked(cpu, page);
    }

    /** page_lru: the list that flag word {@code flags} names. */
    static int listOf(long flags) {
        if ((flags & Page.PG_UNEVICTABLE) != 0) {
            return Lru.UNEVICTABLE;
        }
        int list = (flags & Page.PG_SWAPBACKED) != 0 ? Lru.INACTIVE_ANON : Lru.INACTIVE_FILE;
        return (flags & Page.PG_ACTIVE) != 0 ? list + 1 : list;
    }

    /** The same by an atomic operation, fully ordered. */
    final boolean looksLinkedOrdered(Cpu cpu, @Ref(Page.class) long page) {
        cpu.fetchOr64(Page.FLAGS.of(page), 0, Lru.RESCUE);
        return bit.looksLinked(cpu, page);
    }

    /** A page from a pagevec: to the list that its flags name. The page is on no list. */
    void add(Cpu cpu, @Ref(Page.class) long page) {
        link(cpu, page);
    }

    /** SetPageLRU and add_page_to_lru_list, at the hot end. The page is on no list. */
    final void link(Cpu cpu, @Ref(Page.class) long page) {
        linkTo(cpu, page, setLru(cpu, page));
    }

    /** SetPageLRU; the flags before. */
    final long setLru(Cpu cpu, @Ref(Page.class) long page) {
        long old = cpu.fetchOr64(Page.FLAGS.of(page), Page.PG_LRU, Order.RELAXED);
        if ((old & Page.PG_LRU) != 0) {
            throw new KernelBug(
                    FailureKind.CORRUPTION, "BUG: page is on an LRU list already: " + Page.describe(cpu, page));
        }
        bit.linked(cpu, page);
        return old;
    }

    /** add_page_to_lru_list, to the list that {@code flags} name. */
    final void linkTo(Cpu cpu, @Ref(Page.class) long page, long flags) {
        int list = listOf(flags);
        ListHead.add(cpu, Page.LRU.of(page), Zone.lruList(zone, list));
        vmStat.addZone(cpu, VmStatItem.ofList(list), Page.frames(flags));
    }

    /** ClearPageLRU and del_page_from_lru_list. The page has PG_LRU. */
    void unlink(Cpu cpu, @Ref(Page.class) long page) {
        long old = cpu.fetchAnd64(Page.FLAGS.of(page), ~Page.PG_LRU, Order.RELAXED);
        bit.unlinked(cpu, page);
        unlinkFrom(cpu, page, old);
    }

    private void unlinkFrom(Cpu cpu, long page, long flags) {
        if ((flags & Page.PG_LRU) == 0) {
            throw new KernelBug(FailureKind.CORRUPTION, "BUG: page is on no LRU list: " + Page.describe(cpu, page));
        }
        ListHead.del(cpu, Page.LRU.of(page));
        vmStat.addZone(cpu, VmStatItem.ofList(listOf(flags)), -Page.frames(flags));
    }

    /**
     * del_page_from_lru: for a page without references, whose flags nobody else writes: also clears PG_ACTIVE,
     * PG_UNEVICTABLE.
     */
    void unlinkUnreferenced(Cpu cpu, @Ref(Page.class) long page) {
        long flags = Page.FLAGS.get(cpu, page);
        unlinkFrom(cpu, page, flags);
        bit.unlinked(cpu, page);
        Page.FLAGS.writeOnce(cpu, page, flags & ~(Page.PG_LRU | Page.PG_ACTIVE | Page.PG_UNEVICTABLE));
    }

    /**
     * Moves a linked page to the list its flags name once {@code set} and {@code clear} are applied, at the hot end.
     */
    void relink(Cpu cpu, @Ref(Page.class) long page, long set, long clear) {
        int from = listOf(Page.FLAGS.readOnce(cpu, page));
        Page.FLAGS.setBits(cpu, page, set);
        if (clear != 0) {
            Page.FLAGS.clearBits(cpu, page, clear);
        }
        long flags = Page.FLAGS.readOnce(cpu, page);
        int to = listOf(flags);
        ListHead.move(cpu, Page.LRU.of(page), Zone.lruList(zone, to));
        vmStat.addZone(cpu, VmStatItem.ofList(from), -Page.frames(flags));
        vmStat.addZone(cpu, VmStatItem.ofList(to), Page.frames(flags));
    }

    /** See {@link Lru#linkSplit}. */
    final void linkSplit(Cpu cpu, @Ref(Page.class) long page, long flags) {
        Page.FLAGS.writeOnce(cpu, page, flags | Page.PG_LRU);
        bit.linked(cpu, page);
        ListHead.add(cpu, Page.LRU.of(page), Zone.lruList(zone, listOf(flags)));
    }

    /** See {@link Lru#unhuge}: the list of the first page, if it is on one, counts that one only from now on. */
    final void unhuge(Cpu cpu, @Ref(Page.class) long page, long flags) {
        long old = cpu.fetchAnd64(Page.FLAGS.of(page), ~(Page.PG_HUGE | Page.PG_HEAD), Order.RELAXED);
        int others = Page.HUGE_FRAMES - 1;
        vmStat.addZone(cpu, VmStatItem.ofList(listOf(flags)), others);
        if ((old & Page.PG_LRU) != 0) {
            vmStat.addZone(cpu, VmStatItem.ofList(listOf(old)), -others);
        }
    }

    /** Moves a linked page to the cold end of its list: it is reclaimed next. */
    void rotate(Cpu cpu, @Ref(Page.class) long page) {
        int list = listOf(Page.FLAGS.readOnce(cpu, page));
        ListHead.moveTail(cpu, Page.LRU.of(page), Zone.lruList(zone, list));
    }

    /** The coldest page of {@code list}, or NULL. */
    @Ref(Page.class)
    long coldest(Cpu cpu, int list) {
        long head = Zone.lruList(zone, list);
        long node = ListHead.last(cpu, head);
        return node == head ? Cpu.NULL : Page.ofLru(node);
    }

    /** Moves the page to the hot end of the list it is on, counts unchanged. */
    void moveToHotEnd(Cpu cpu, @Ref(Page.class) long page, int list) {
        ListHead.move(cpu, Page.LRU.of(page), Zone.lruList(zone, list));
    }

    /** What disagrees between lists, flags and counts, one line each; empty if all is well. Reports only. */
    String audit(Cpu cpu) {
        StringBuilder wrong = new StringBuilder();
        for (int list = 0; list < Zone.NR_LRU_LISTS; list++) {
            long head = Zone.lruList(zone, list);
            long found = 0;
            for (long node = ListHead.first(cpu, head); node != head; node = ListHead.next(cpu, node)) {
                long page = Page.ofLru(node);
                long flags = Page.FLAGS.get(cpu, page);
                if ((flags & Page.PG_LRU) == 0 || listOf(flags) != list || Page.COUNT.get(cpu, page) == 0) {
                    wrong.append("on LRU list ")
                            .append(list)
                            .append(": ")
                            .append(Page.describe(cpu, page))
                            .append('\n');
                }
                found += Page.frames(flags);
            }
            long counted = vmStat.zone(cpu, VmStatItem.ofList(list));
            if (found != counted) {
                wrong.append("LRU list ")
                        .append(list)
                        .append(" holds ")
                        .append(found)
                        .append(" pages, its count is ");
                wrong.append(counted).append('\n');
            }
        }
        return wrong.toString();
    }
}
