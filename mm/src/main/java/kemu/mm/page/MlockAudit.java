package kemu.mm.page;

import java.util.HashSet;
import java.util.Set;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.mem.PhysMem;
import kemu.rcu.list.ListHead;

/**
 * What PG_mlocked, PG_lru and PG_unevictable promise of a machine at rest, page by page: NR_MLOCK counts the pages with
 * PG_mlocked, and none of them is free; a page with PG_lru is linked on a list, and so is one with PG_unevictable,
 * unless a pagevec has it. What the lists themselves hold is for {@link Lru#audit}, pages that are lost or stranded for
 * {@link ReferenceAudit}.
 *
 * <p>An instrument; it keeps what it finds in Java collections.
 */
public final class MlockAudit {
    private static final int MOST_LISTED = 20;

    private final Machine machine;
    private final PageAllocator pages;
    private final Lru lru;
    private final VmStat vmStat;

    /** Of the pages of {@code machine}. */
    public MlockAudit(Machine machine, PageAllocator pages, Lru lru, VmStat vmStat) {
        this.machine = machine;
        this.pages = pages;
        this.lru = lru;
        this.vmStat = vmStat;
    }

    /** What is wrong now, one line each; empty if all is well. Context: machine at rest. */
    public String audit(Cpu cpu) {
        StringBuilder wrong = new StringBuilder();
        Set<Long> waiting = new HashSet<>();
        for (int i = 0; i < machine.cpus(); i++) {
            lru.forEachInPagevecs(cpu, machine.cpu(i).area(), waiting::add);
        }
        long mlocked = 0;
        int listed = 0;
        long frames = machine.memory().sizeBytes() >> PhysMem.PAGE_SHIFT;
        for (long pfn = 0; pfn < frames; pfn++) {
            long page = pages.pageOfPfn(pfn);
            long flags = Page.FLAGS.readOnce(cpu, page);
            mlocked += (flags & Page.PG_MLOCKED) != 0 ? 1 : 0;
            String what = wrong(cpu, page, flags, waiting);
            if (what != null && listed++ < MOST_LISTED) {
                wrong.append(what).append(Page.describe(cpu, page)).append('\n');
            }
        }
        long counted = vmStat.sum(cpu, VmStatItem.NR_MLOCK);
        if (mlocked != counted) {
            wrong.append("nr_mlock is " + counted + ", " + mlocked + " pages have PG_mlocked\n");
        }
        return wrong.toString();
    }

    private static String wrong(Cpu cpu, long page, long flags, Set<Long> waiting) {
        if ((flags & Page.PG_MLOCKED) != 0 && ((flags & Page.PG_FREE) != 0 || Page.COUNT.readOnce(cpu, page) == 0)) {
            return "free with PG_mlocked: ";
        }
        if ((flags & Page.PG_LRU) != 0) {
            return isLinked(cpu, page) ? null : "PG_lru, but on no LRU list: ";
        }
        boolean unevictable = (flags & Page.PG_UNEVICTABLE) != 0 && !waiting.contains(page);
        return unevictable ? "PG_unevictable, but on no LRU list: " : null;
    }

    /** True if the neighbours of the page on its list know it. */
    private static boolean isLinked(Cpu cpu, long page) {
        long node = Page.LRU.of(page);
        long next = ListHead.NEXT.get(cpu, node);
        return next != Cpu.NULL && next != ListHead.LIST_POISON1 && ListHead.PREV.get(cpu, next) == node;
    }
}
