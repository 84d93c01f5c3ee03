package kemu.mm.page;

import java.util.HashMap;
import java.util.Map;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.mem.PhysMem;

/**
 * Who holds a page: every reference of a page that a task could leave behind is accounted for by a pte, a cache, a
 * pagevec or being a page table. What was not accounted for in the scene (a page the scene holds, a table of boot) may
 * stay; more than that is a leaked reference. And every page that has contents worth reclaiming is on the LRU list that
 * suits it, or on its way there.
 *
 * <p>An instrument for a machine at rest; it keeps what it finds in Java collections.
 */
public final class ReferenceAudit {
    private static final int MOST_LISTED = 20;

    private final Machine machine;
    private final PageAllocator pages;
    private final Lru lru;
    private final int[] heldByOthers;
    private final boolean[] offList;

    /** What holds pages now, beyond what can be accounted for, may go on doing so. */
    public ReferenceAudit(Machine machine, PageAllocator pages, Lru lru, Cpu cpu) {
        this.machine = machine;
        this.pages = pages;
        this.lru = lru;
        int frames = (int) (machine.memory().sizeBytes() >> PhysMem.PAGE_SHIFT);
        heldByOthers = new int[frames];
        offList = new boolean[frames];
        Map<Long, Integer> vecs = inPagevecs(cpu);
        for (int pfn = 0; pfn < frames; pfn++) {
            long page = pages.pageOfPfn(pfn);
            heldByOthers[pfn] = unaccounted(cpu, page, vecs);
            offList[pfn] = isLost(cpu, page, vecs);
        }
    }

    /** What is wrong now, one line each; empty if all is well. */
    public String audit(Cpu cpu) {
        StringBuilder wrong = new StringBuilder();
        Map<Long, Integer> vecs = inPagevecs(cpu);
        int listed = 0;
        for (int pfn = 0; pfn < heldByOthers.length && listed < MOST_LISTED; pfn++) {
            long page = pages.pageOfPfn(pfn);
            int extra = unaccounted(cpu, page, vecs);
            String what = null;
            if (extra > Math.max(0, heldByOthers[pfn])) {
                what = extra + " references that nobody accounts for: ";
            } else if (extra < Math.min(0, heldByOthers[pfn])) {
                what = -extra + " references too few: ";
            } else if (!offList[pfn] && isLost(cpu, page, vecs)) {
                what = "lost, on no LRU list and in no pagevec: ";
            } else if (isStranded(cpu, page)) {
                what = "stranded on the unevictable list: ";
            }
            if (what != null) {
                wrong.append(what).append(Page.describe(cpu, page)).append('\n');
                listed++;
            }
        }
        return wrong.toString();
    }

    private Map<Long, Integer> inPagevecs(Cpu cpu) {
        Map<Long, Integer> vecs = new HashMap<>();
        for (int i = 0; i < machine.cpus(); i++) {
            lru.forEachInPagevecs(cpu, machine.cpu(i).area(), page -> vecs.merge(page, 1, Integer::sum));
        }
        return vecs;
    }

    private static boolean isOrdinary(long flags) {
        return (flags & (Page.PG_FREE | Page.PG_RESERVED | Page.PG_SLAB)) == 0;
    }

    private static int unaccounted(Cpu cpu, long page, Map<Long, Integer> vecs) {
        long flags = Page.FLAGS.readOnce(cpu, page);
        if (!isOrdinary(flags)) {
            return 0;
        }
        int holders = Page.MAPCOUNT.readOnce(cpu, page) + 1 + vecs.getOrDefault(page, 0);
        holders += (flags & (Page.PG_SWAPCACHE | Page.PG_TABLE)) != 0 ? 1 : 0;
        holders += (flags & Page.PG_HWPOISON) != 0 ? 1 : 0;
        long mapping = Page.MAPPING.readOnce(cpu, page);
        holders += mapping != 0 && (mapping & Page.MAPPING_FLAGS) == 0 ? 1 : 0;
        return Page.COUNT.readOnce(cpu, page) - holders;
    }

    private static boolean isLost(Cpu cpu, long page, Map<Long, Integer> vecs) {
        long flags = Page.FLAGS.readOnce(cpu, page);
        boolean cached = Page.MAPPING.readOnce(cpu, page) != 0 && Page.COUNT.readOnce(cpu, page) > 0;
        boolean used = Page.isMapped(cpu, page) || (flags & Page.PG_SWAPCACHE) != 0;
        // A page whose memory has failed may stay in the swap cache for those who ask for it, but is not reclaimed.
        boolean reclaimed = isOrdinary(flags) && (flags & Page.PG_HWPOISON) == 0;
        return reclaimed && cached && used && (flags & Page.PG_LRU) == 0 && !vecs.containsKey(page);
    }

    private boolean isStranded(Cpu cpu, long page) {
        long flags = Page.FLAGS.readOnce(cpu, page);
        long both = Page.PG_LRU | Page.PG_UNEVICTABLE;
        return isOrdinary(flags) && (flags & both) == both && lru.isEvictable(cpu, page);
    }
}
