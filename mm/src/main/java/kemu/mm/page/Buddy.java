package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.rcu.list.ListHead;

/**
 * The buddy system over the zone's free areas: blocks of 2^order frames, split on allocation, merged with their buddy
 * on free. Every function runs under zone->lock.
 *
 * <p>A free block is its head page on a list, marked {@link Page#PG_BUDDY} with the order in {@link Page#PRIVATE}; all
 * its pages carry {@link Page#PG_FREE}.
 *
 * <p>Source: Linux 2.6.36 mm/page_alloc.c, __free_one_page() and __rmqueue_smallest(), without migrate types.
 * {@link #take} and {@link #give} leave the zone's count of free pages to {@link #count}.
 */
final class Buddy {
    private final long zone;
    private final MemMap map;
    private final VmStat vmStat;

    Buddy(@Ref(Zone.class) long zone, MemMap map, VmStat vmStat) {
        this.zone = zone;
        this.map = map;
        this.vmStat = vmStat;
    }

    /** Hands all memory of the map to the zone, in the largest aligned blocks, lowest address first. Boot only. */
    void addAllMemory(Cpu boot) {
        long pfn = map.firstManaged();
        while (pfn < map.pages()) {
            int order = Math.min(Zone.MAX_ORDER - 1, Long.numberOfTrailingZeros(pfn));
            while (pfn + (1L << order) > map.pages()) {
                order--;
            }
            long page = map.pageOfPfn(pfn);
            mark(boot, page, order);
            ListHead.addTail(boot, Page.LRU.of(page), Zone.freeList(zone, order));
            count(boot, 1L << order);
            pfn += 1L << order;
        }
    }

    /** Tells the zone's count that {@code delta} pages were given, or taken if negative; once for a batch. */
    void count(Cpu cpu, long delta) {
        vmStat.addZone(cpu, VmStatItem.NR_FREE_PAGES, delta);
    }

    /** __rmqueue_smallest: takes a block, the smallest that fits; NULL if there is none. Its pages keep PG_FREE. */
    @Ref(Page.class)
    long take(Cpu cpu, int order) {
        for (int from = order; from < Zone.MAX_ORDER; from++) {
            long list = Zone.freeList(zone, from);
            long node = ListHead.first(cpu, list);
            if (node != list) {
                long page = Page.ofLru(node);
                unlink(cpu, page, from);
                giveBackUpperHalves(cpu, page, from, order);
                return page;
            }
        }
        return Cpu.NULL;
    }

    /** Takes the last page of the free block that begins at {@code head}; the rest stays free. It keeps PG_FREE. */
    @Ref(Page.class)
    long takeLast(Cpu cpu, @Ref(Page.class) long head) {
        int order = (int) Page.PRIVATE.get(cpu, head);
        unlink(cpu, head, order);
        long page = head;
        for (int half = order - 1; half >= 0; half--) {
            mark(cpu, page, half);
            ListHead.add(cpu, Page.LRU.of(page), Zone.freeList(zone, half));
            page += (long) Page.LAYOUT.sizeBytes() << half;
        }
        return page;
    }

    private void giveBackUpperHalves(Cpu cpu, long page, int high, int low) {
        for (int order = high - 1; order >= low; order--) {
            long upper = page + ((long) Page.LAYOUT.sizeBytes() << order);
            mark(cpu, upper, order);
            ListHead.add(cpu, Page.LRU.of(upper), Zone.freeList(zone, order));
        }
    }

    /** __free_one_page: gives a block back and merges it as far as its buddies are free. Its pages carry PG_FREE. */
    void give(Cpu cpu, @Ref(Page.class) long page, int order) {
        long pfn = map.pfnOf(page);
        int at = order;
        while (at < Zone.MAX_ORDER - 1) {
            long buddyPfn = pfn ^ 1L << at;
            if (buddyPfn < map.firstManaged() || buddyPfn + (1L << at) > map.pages()) {
                break;
            }
            long buddy = map.pageOfPfn(buddyPfn);
            if (!isFreeBlock(cpu, buddy, at)) {
                break;
            }
            unlink(cpu, buddy, at);
            pfn &= buddyPfn;
            at++;
        }
        long head = map.pageOfPfn(pfn);
        mark(cpu, head, at);
        ListHead.add(cpu, Page.LRU.of(head), Zone.freeList(zone, at));
    }

    /**
     * page_is_buddy. The page may belong to anybody; PG_BUDDY changes under our lock only, so one look at the word
     * decides, whatever its owner does to the other bits.
     */
    private static boolean isFreeBlock(Cpu cpu, long page, int order) {
        return Page.test(cpu, page, Page.PG_BUDDY) && Page.PRIVATE.get(cpu, page) == order;
    }

    private void mark(Cpu cpu, long page, int order) {
        Page.PRIVATE.set(cpu, page, order);
        Page.FLAGS.writeOnce(cpu, page, Page.PG_FREE | Page.PG_BUDDY);
        Zone.addNrFree(cpu, zone, order, 1);
    }

    private void unlink(Cpu cpu, long page, int order) {
        if (Page.FLAGS.readOnce(cpu, page) != (Page.PG_FREE | Page.PG_BUDDY) || Page.PRIVATE.get(cpu, page) != order) {
            throw new KernelBug(
                    FailureKind.CORRUPTION, "BUG: free list of order " + order + " holds " + Page.describe(cpu, page));
        }
        ListHead.del(cpu, Page.LRU.of(page));
        Page.FLAGS.writeOnce(cpu, page, Page.PG_FREE);
        Page.PRIVATE.set(cpu, page, 0);
        Zone.addNrFree(cpu, zone, order, -1);
    }
}
