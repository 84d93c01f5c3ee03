package kemu.mm.page;

import java.util.BitSet;
import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.rcu.list.ListHead;

/**
 * Accounting of all pages of a machine at rest: every page is either free exactly once or in use, and buddies are
 * merged. An instrument: it reads emulated memory and keeps what it finds in Java collections.
 */
public final class PageAudit {
    private static final int MAX_LISTED = 20;

    private final long zone;
    private final MemMap map;
    private final PerCpuPages perCpu;
    private final VmStat vmStat;

    PageAudit(@Ref(Zone.class) long zone, MemMap map, PerCpuPages perCpu, VmStat vmStat) {
        this.zone = zone;
        this.map = map;
        this.perCpu = perCpu;
        this.vmStat = vmStat;
    }

    /** What is wrong with the free pages, one line each; empty if all is well. Context: machine at rest. */
    public String auditFree(Cpu cpu) {
        StringBuilder wrong = new StringBuilder();
        BitSet free = new BitSet();
        long inZone = auditFreeAreas(cpu, free, wrong);
        if (inZone != vmStat.zone(cpu, VmStatItem.NR_FREE_PAGES)) {
            wrong.append("nr_free_pages is ").append(vmStat.zone(cpu, VmStatItem.NR_FREE_PAGES));
            wrong.append(", the free lists hold ").append(inZone).append('\n');
        }
        perCpu.forEach(cpu, page -> markFree(cpu, page, free, wrong));
        for (long pfn = map.firstManaged(); pfn < map.pages(); pfn++) {
            long page = map.pageOfPfn(pfn);
            if (free.get((int) pfn) != ((Page.FLAGS.get(cpu, page) & Page.PG_FREE) != 0)) {
                wrong.append(
                        free.get((int) pfn) ? "on a free list, not marked free: " : "marked free, on no free list: ");
                wrong.append(Page.describe(cpu, page)).append('\n');
            }
        }
        return wrong.toString();
    }

    private long auditFreeAreas(Cpu cpu, BitSet free, StringBuilder wrong) {
        long total = 0;
        for (int order = 0; order < Zone.MAX_ORDER; order++) {
            long list = Zone.freeList(zone, order);
            long blocks = 0;
            // A list that others change meanwhile may lead into another one, which does not end here, or to its head.
            for (long node = ListHead.first(cpu, list);
                    node != list && blocks <= map.pages() && map.has(Page.ofLru(node));
                    node = ListHead.next(cpu, node)) {
                auditBlock(cpu, Page.ofLru(node), order, free, wrong);
                blocks++;
            }
            if (blocks != Zone.nrFree(cpu, zone, order)) {
                wrong.append("order ").append(order).append(": nr_free is ").append(Zone.nrFree(cpu, zone, order));
                wrong.append(", the list holds ").append(blocks).append('\n');
            }
            total += blocks << order;
        }
        return total;
    }

    private void auditBlock(Cpu cpu, long page, int order, BitSet free, StringBuilder wrong) {
        long pfn = map.pfnOf(page);
        if (Page.FLAGS.get(cpu, page) != (Page.PG_FREE | Page.PG_BUDDY)
                || Page.PRIVATE.get(cpu, page) != order
                || (pfn & (1L << order) - 1) != 0) {
            wrong.append("bad head of a block of order ").append(order).append(": ");
            wrong.append(Page.describe(cpu, page)).append('\n');
        }
        long buddyPfn = pfn ^ 1L << order;
        if (order < Zone.MAX_ORDER - 1 && buddyPfn + (1L << order) <= map.pages()) {
            long buddy = map.pageOfPfn(buddyPfn);
            if ((Page.FLAGS.get(cpu, buddy) & Page.PG_BUDDY) != 0 && Page.PRIVATE.get(cpu, buddy) == order) {
                wrong.append("unmerged buddies of order ")
                        .append(order)
                        .append(" at pfn ")
                        .append(pfn)
                        .append('\n');
            }
        }
        for (long at = pfn; at < pfn + (1L << order); at++) {
            markFree(cpu, map.pageOfPfn(at), free, wrong);
        }
    }

    private void markFree(Cpu cpu, long page, BitSet free, StringBuilder wrong) {
        int pfn = (int) map.pfnOf(page);
        if (free.get(pfn)) {
            wrong.append("free twice: ").append(Page.describe(cpu, page)).append('\n');
        }
        free.set(pfn);
    }

    /** Pages in use: not free and not reserved. Counts tail pages of blocks. Context: machine at rest. */
    public long pagesInUse(Cpu cpu) {
        long inUse = 0;
        for (long pfn = map.firstManaged(); pfn < map.pages(); pfn++) {
            if ((Page.FLAGS.get(cpu, map.pageOfPfn(pfn)) & (Page.PG_FREE | Page.PG_RESERVED)) == 0) {
                inUse++;
            }
        }
        return inUse;
    }

    /** Pages with references, except reserved ones and slab pages (their objects are counted by the slab caches). */
    public long leakedPages(Cpu cpu) {
        return held(cpu).cardinality();
    }

    /** The frame numbers of those pages: a snapshot for {@link #describeLeaks} to compare with. */
    public BitSet held(Cpu cpu) {
        BitSet held = new BitSet();
        for (long pfn = map.firstManaged(); pfn < map.pages(); pfn++) {
            long page = map.pageOfPfn(pfn);
            if (Page.COUNT.get(cpu, page) != 0
                    && (Page.FLAGS.get(cpu, page) & (Page.PG_RESERVED | Page.PG_SLAB)) == 0) {
                held.set((int) pfn);
            }
        }
        return held;
    }

    /**
     * The first of the pages held now and not in {@code before}, one line each with flags, counts and mapping. Context:
     * machine at rest.
     */
    public String describeLeaks(Cpu cpu, BitSet before) {
        BitSet leaked = held(cpu);
        leaked.andNot(before);
        StringBuilder out = new StringBuilder();
        int listed = 0;
        for (int pfn = leaked.nextSetBit(0); pfn >= 0 && listed < MAX_LISTED; pfn = leaked.nextSetBit(pfn + 1)) {
            out.append("leaked pfn:").append(Integer.toHexString(pfn)).append(' ');
            out.append(Page.describe(cpu, map.pageOfPfn(pfn))).append('\n');
            listed++;
        }
        return out.toString();
    }
}
