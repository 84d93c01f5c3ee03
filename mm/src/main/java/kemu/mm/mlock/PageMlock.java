package kemu.mm.mlock;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Barriers;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;

/**
 * What mlock does to one page: changes PG_mlocked, counts, and moves the page to the list that suits it, if it is on
 * one. Whoever does not find it on a list leaves it to who took it off: {@link Lru#putback} looks again.
 *
 * <p>Source: Linux 2.6.36 mm/mlock.c.
 */
public class PageMlock {
    /**
     * Other side of SB+putback+munlock: PG_mlocked is cleared, <b>full order</b>, then PG_lru is loaded. Pairs with
     * {@link Lru#PUTBACK_UNEVICTABLE} and {@link Lru#ADD_DECIDED}. With both flags in one word nothing rests on it.
     */
    public static final int TEST_CLEAR = Barriers.full("mlock.TEST_CLEAR");

    private final Lru lru;
    private final VmStat vmStat;

    /** Boot only. */
    public PageMlock(MlockServices services) {
        lru = services.lru();
        vmStat = services.vmStat();
    }

    /** The first mapping of a page that nobody else can see: no atomic. */
    public final void mlockNew(Cpu cpu, @Ref(Page.class) long page) {
        Page.FLAGS.writeOnce(cpu, page, Page.FLAGS.get(cpu, page) | Page.PG_MLOCKED);
        vmStat.inc(cpu, VmStatItem.NR_MLOCK);
        vmStat.inc(cpu, VmStatItem.UNEVICTABLE_PGMLOCKED);
        lru.addUnevictable(cpu, page);
    }

    /** mlock_vma_page. Context: a reference, and what excludes the last unmapping. */
    public final void mlock(Cpu cpu, @Ref(Page.class) long page) {
        if (Page.FLAGS.testAndSetBits(cpu, page, Page.PG_MLOCKED)) {
            return;
        }
        vmStat.inc(cpu, VmStatItem.NR_MLOCK);
        vmStat.inc(cpu, VmStatItem.UNEVICTABLE_PGMLOCKED);
        if (lru.isolate(cpu, page)) {
            lru.putback(cpu, page);
        }
    }

    /** TestClearPageMlocked: true if the caller has cleared PG_mlocked, and so counts. Full order. */
    protected boolean testClear(Cpu cpu, @Ref(Page.class) long page) {
        return (cpu.fetchAnd64(Page.FLAGS.of(page), ~Page.PG_MLOCKED, TEST_CLEAR) & Page.PG_MLOCKED) != 0;
    }

    /** munlock_vma_page. Context: a reference, page lock; VM_LOCKED of the VMA is clear. */
    public final void munlock(Cpu cpu, @Ref(Page.class) long page, MunlockWalk walk) {
        if (!testClear(cpu, page)) {
            return;
        }
        vmStat.add(cpu, VmStatItem.NR_MLOCK, -1);
        if (lru.isolate(cpu, page)) {
            if (!walk.tryToMunlock(cpu, page)) {
                vmStat.inc(cpu, VmStatItem.UNEVICTABLE_PGMUNLOCKED);
            }
            lru.putback(cpu, page);
        } else if (Page.test(cpu, page, Page.PG_UNEVICTABLE)) {
            // Somebody has it off the list, or has not put it there yet.
            vmStat.inc(cpu, VmStatItem.UNEVICTABLE_PGSTRANDED);
        } else {
            vmStat.inc(cpu, VmStatItem.UNEVICTABLE_PGMUNLOCKED);
        }
    }

    /** clear_page_mlock: the page loses all its mappings. Context: a reference. */
    public final void clear(Cpu cpu, @Ref(Page.class) long page) {
        if (!testClear(cpu, page)) {
            return;
        }
        vmStat.add(cpu, VmStatItem.NR_MLOCK, -1);
        vmStat.inc(cpu, VmStatItem.UNEVICTABLE_PGCLEARED);
        if (lru.isolate(cpu, page)) {
            lru.putback(cpu, page);
        } else if (Page.test(cpu, page, Page.PG_UNEVICTABLE)) {
            vmStat.inc(cpu, VmStatItem.UNEVICTABLE_PGSTRANDED);
        }
    }

    /** free_page_mlock: a page is freed with PG_mlocked, which Linux 2.6.32 counts. Context: no reference is left. */
    public final void countFreed(Cpu cpu) {
        vmStat.add(cpu, VmStatItem.NR_MLOCK, -1);
        vmStat.inc(cpu, VmStatItem.UNEVICTABLE_MLOCKFREED);
    }

    /** The same as of Linux 3.7, where PG_mlocked is one of the flags that no free page may have. */
    public static KernelBug badFree(Cpu cpu, @Ref(Page.class) long page) {
        return new KernelBug(
                FailureKind.BAD_PAGE_STATE,
                "BUG: Bad page state: freed with PG_mlocked\n" + Page.describe(cpu, page)
                        + "\npage dumped because: PAGE_FLAGS_CHECK_AT_FREE flag(s) set: mlocked");
    }
}
