package kemu.mm.migrate;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Tags;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.kernel.context.Task;
import kemu.kernel.locking.LockClass;
import kemu.kernel.task.RwSem;
import kemu.kernel.task.Sched;
import kemu.mm.page.Gfp;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;

/**
 * compact_zone: one scanner goes up through the zone for pages in use, another comes down for free frames, and what the
 * first finds is moved to what the second finds, until they meet. Free frames are then at the low end, in large blocks.
 *
 * <p>Source: Linux 2.6.36 mm/compaction.c, which isolates 32 pages at a time; here each is moved before the next is
 * taken, so nothing is on private lists. Locked pages are moved as well, as in 4.2.
 */
public final class Compaction {
    /** Scanners have met. */
    public static final int COMPLETE = 2;
    /** A block of the order asked for is free. */
    public static final int PARTIAL = 1;

    private static final int COMPACT_TAG = Tags.tag("compact_zone");
    private static final int KCOMPACTD_TAG = Tags.tag("kcompactd_pass");
    private static final long NONE = -1;

    private static final LockClass LOCK = LockClass.of("kcompactd_lock");

    private final Machine machine;
    /** The lock of a pass of kcompactd; NULL if there is none. */
    private final @Ref(RwSem.class) long lock;

    private final VmStat vmStat;
    private final PageAllocator pages;
    private final Lru lru;
    private final Migration migration;

    /** {@code background} if {@link #start} will be called. Boot only. */
    public Compaction(
            Machine machine, VmStat vmStat, PageAllocator pages, Lru lru, Migration migration, boolean background) {
        this.machine = machine;
        this.vmStat = vmStat;
        this.pages = pages;
        this.lru = lru;
        this.migration = migration;
        lock = background ? pages.frameOf(pages.allocPages(machine.bootCpu(), Gfp.NOWAIT | Gfp.ZERO, 0)) : Cpu.NULL;
        if (background) {
            RwSem.init(machine.bootCpu(), lock, LOCK);
        }
    }

    /** compact_node: compacts all there is, as a write to /proc/sys/vm/compact_memory does. Context: may sleep. */
    public void compactNode(Cpu cpu) {
        compactZone(cpu, 0);
    }

    /** try_to_compact_pages: true if a block of {@code order}, at least 1, is free afterwards. Context: may sleep. */
    public boolean tryToCompactPages(Cpu cpu, int order) {
        vmStat.incLate(cpu, VmStatItem.COMPACT_STALL);
        int result = compactZone(cpu, order);
        if (result == COMPLETE) {
            // The frames that pages have left are on lists of CPUs first (__alloc_pages_direct_compact()).
            pages.drainAll(cpu);
        }
        boolean made = result == PARTIAL || pages.watermarkOk(cpu, order, pages.lowWatermark());
        vmStat.incLate(cpu, made ? VmStatItem.COMPACT_SUCCESS : VmStatItem.COMPACT_FAIL);
        return made;
    }

    /**
     * Moves pages until a block of {@code order} is free, of 0 until the scanners meet; {@link #COMPLETE} or
     * {@link #PARTIAL}.
     */
    private int compactZone(Cpu cpu, int order) {
        long start = cpu.clock();
        // Pages in pagevecs have references, free ones on the lists of CPUs are in no block.
        lru.drainAll(cpu);
        pages.drainAll(cpu);
        long low = pages.firstPfn();
        long high = pages.endPfn();
        int result = 0;
        // Ends: every round brings the scanners closer.
        while (result == 0) {
            if (order > 0 && pages.watermarkOk(cpu, order, pages.lowWatermark())) {
                result = PARTIAL;
                break;
            }
            long used = isolateMigratePage(cpu, low, high);
            if (used == NONE) {
                result = COMPLETE;
                break;
            }
            long free = isolateFreePage(cpu, high, used + 1);
            long page = pages.pageOfPfn(used);
            if (free == NONE) {
                migration.putback(cpu, page);
                result = COMPLETE;
                break;
            }
            vmStat.addLate(cpu, VmStatItem.COMPACT_ISOLATED, 2);
            if (migration.unmapAndMove(cpu, page, pages.pageOfPfn(free), false) != 0) {
                migration.putback(cpu, page);
            }
            low = used + 1;
            high = free;
            Sched.of(machine).condResched(cpu);
        }
        cpu.record(COMPACT_TAG, cpu.clock() - start);
        return result;
    }

    /** isolate_migratepages: the frame number of the first page in [from, to) that could be isolated. */
    private long isolateMigratePage(Cpu cpu, long from, long to) {
        for (long pfn = from; pfn < to; pfn++) {
            long page = pages.pageOfPfn(pfn);
            if (Page.test(cpu, page, Page.PG_LRU) && migration.isolate(cpu, page)) {
                vmStat.addLate(cpu, VmStatItem.COMPACT_MIGRATE_SCANNED, pfn + 1 - from);
                return pfn;
            }
        }
        vmStat.addLate(cpu, VmStatItem.COMPACT_MIGRATE_SCANNED, Math.max(0, to - from));
        return NONE;
    }

    /** isolate_freepages: the frame number of the last free frame in [to, from) that could be taken. */
    private long isolateFreePage(Cpu cpu, long from, long to) {
        for (long pfn = from - 1; pfn >= to; pfn--) {
            long page = pages.takeLastOf(cpu, pfn);
            if (page != Cpu.NULL) {
                vmStat.addLate(cpu, VmStatItem.COMPACT_FREE_SCANNED, from - pfn);
                long taken = pages.pfnOf(page);
                if (taken < from) {
                    return taken;
                }
                // The block reaches beyond the scanner: it was freed meanwhile.
                pages.putPage(cpu, page);
            }
        }
        vmStat.addLate(cpu, VmStatItem.COMPACT_FREE_SCANNED, Math.max(0, from - to));
        return NONE;
    }

    /** Starts kcompactd, on the last CPU; it compacts every {@code jiffies} ticks. Boot only. */
    public void start(Cpu cpu, long jiffies) {
        int on = machine.cpus() - 1;
        Sched.of(machine).spawn(cpu, thread -> run(thread, jiffies), on, "kcompactd0", Task.PF_KTHREAD);
    }

    /**
     * Returns when kcompactd moves nothing, and keeps it from going on until {@link #release}: what it has in hand is
     * accounted for by nobody else. Context: may sleep.
     */
    public void hold(Cpu cpu) {
        if (lock != Cpu.NULL) {
            RwSem.downWrite(cpu, lock);
        }
    }

    /** Undoes {@link #hold}. */
    public void release(Cpu cpu) {
        if (lock != Cpu.NULL) {
            RwSem.upWrite(cpu, lock);
        }
    }

    private void run(Cpu cpu, long jiffies) {
        // Ends with the machine.
        while (true) {
            Sched.of(machine).sleep(cpu, jiffies);
            hold(cpu);
            long start = cpu.clock();
            compactNode(cpu);
            release(cpu);
            cpu.record(KCOMPACTD_TAG, cpu.clock() - start);
        }
    }
}
