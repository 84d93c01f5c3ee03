package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.mem.PhysMem;
import kemu.hw.mem.Symbols;
import kemu.kernel.locking.SpinLock;

/**
 * The page allocator: a buddy system behind per-CPU lists of single pages. This class is the fast path and the free
 * path; {@link AllocSlowPath} is what happens when memory is short.
 *
 * <p>Source: Linux 2.6.36 mm/page_alloc.c; one zone, one node, one migrate type.
 */
public final class PageAllocator {
    private final VmStat vmStat;
    private final long zone;
    private final MemMap map;
    private final Buddy buddy;
    private final PerCpuPages perCpu;
    private final PageCheck check;
    private final Watermarks marks;
    private final long low;
    private final AllocSlowPath slowPath;
    private LruRemoval lru;
    private MlockedFree mlockedFree;

    /** Takes all memory that boot has left. Boot only. */
    public PageAllocator(Machine machine, VmStat vmStat) {
        Cpu boot = machine.bootCpu();
        this.vmStat = vmStat;
        zone = Zone.boot(machine);
        long frames = machine.memory().sizeBytes() >> PhysMem.PAGE_SHIFT;
        long rings =
                machine.bootAllocator().allocate(boot, PerCpuPages.bytes(frames, machine.cpus()), 64, "per_cpu_pages");
        map = new MemMap(machine);
        buddy = new Buddy(zone, map, vmStat);
        perCpu = new PerCpuPages(machine, buddy, zone, rings, frames);
        check = new PageCheck(machine, map);
        marks = new Watermarks(zone, vmStat, map.pages() - map.firstManaged());
        low = marks.low();
        buddy.addAllMemory(boot);
        slowPath = new AllocSlowPath(machine, this, marks, perCpu, vmStat);
        machine.memory().symbols().resolver(address -> symbolAt(boot, address));
    }

    /**
     * alloc_pages: a block of 2^order frames with _count 1 on its head page, or NULL. May reclaim, and in the end kill,
     * if {@code gfp} allows. Contents are what the last owner left, unless {@link Gfp#ZERO} asks for zero bytes.
     *
     * <p>Context: may sleep with {@link Gfp#WAIT}, else any.
     */
    public @Ref(Page.class) long allocPages(Cpu cpu, int gfp, int order) {
        long page = Cpu.NULL;
        if (order == 0) {
            if (vmStat.zone(cpu, VmStatItem.NR_FREE_PAGES) > low) {
                page = perCpu.pop(cpu);
            }
        } else if (marks.ok(cpu, order, low, 0)) {
            page = takeBlock(cpu, order);
        }
        if (page == Cpu.NULL) {
            page = slowPath.alloc(cpu, gfp, order);
            if (page == Cpu.NULL) {
                return Cpu.NULL;
            }
        }
        prepare(cpu, page, order);
        if ((gfp & Gfp.ZERO) != 0) {
            clear(cpu, page, order);
        }
        return page;
    }

    /**
     * alloc_hugepage: a huge page of zero bytes with one reference, or NULL if no 512 frames in a row are free above
     * the low watermark: there are small pages, so nothing is reclaimed for one. Context: any.
     */
    public @Ref(Page.class) long allocHuge(Cpu cpu) {
        long page = takeAbove(cpu, Page.HUGE_ORDER, low, 0);
        if (page == Cpu.NULL) {
            return Cpu.NULL;
        }
        prepare(cpu, page, Page.HUGE_ORDER);
        // As freePages leaves it: whoever drops the last reference frees the whole.
        Page.PRIVATE.set(cpu, page, Page.HUGE_ORDER);
        Page.FLAGS.writeOnce(cpu, page, Page.PG_HUGE | Page.PG_HEAD);
        clear(cpu, page, Page.HUGE_ORDER);
        return page;
    }

    /**
     * get_page_from_freelist: a block off the free lists if that leaves {@code mark} pages, or NULL. It carries
     * PG_FREE.
     */
    @Ref(Page.class)
    long takeAbove(Cpu cpu, int order, long mark, int flags) {
        if (!marks.ok(cpu, order, mark, flags)) {
            return Cpu.NULL;
        }
        return order == 0 ? perCpu.pop(cpu) : takeBlock(cpu, order);
    }

    private long takeBlock(Cpu cpu, int order) {
        SpinLock.lockIrq(cpu, Zone.LOCK.of(zone));
        long page = buddy.take(cpu, order);
        if (page != Cpu.NULL) {
            buddy.count(cpu, -(1L << order));
        }
        SpinLock.unlockIrq(cpu, Zone.LOCK.of(zone));
        return page;
    }

    /**
     * split_free_page, a page at a time: the last page of the free block that begins at frame number {@code pfn}, with
     * a reference; NULL if no free block begins there. For compaction. Context: any.
     */
    public @Ref(Page.class) long takeLastOf(Cpu cpu, long pfn) {
        long head = map.pageOfPfn(pfn);
        if (!Page.test(cpu, head, Page.PG_BUDDY)) {
            return Cpu.NULL;
        }
        SpinLock.lockIrq(cpu, Zone.LOCK.of(zone));
        long page = Page.test(cpu, head, Page.PG_BUDDY) ? buddy.takeLast(cpu, head) : Cpu.NULL;
        if (page != Cpu.NULL) {
            buddy.count(cpu, -1);
        }
        SpinLock.unlockIrq(cpu, Zone.LOCK.of(zone));
        if (page != Cpu.NULL) {
            prepare(cpu, page, 0);
        }
        return page;
    }

    /** First frame number that is managed. */
    public long firstPfn() {
        return map.firstManaged();
    }

    /** Frame number behind the last. */
    public long endPfn() {
        return map.pages();
    }

    /** prep_new_page. The count is stored last: speculative references fail until then. */
    private void prepare(Cpu cpu, long page, int order) {
        for (int i = 0; i < 1 << order; i++) {
            long at = page + (long) i * Page.LAYOUT.sizeBytes();
            check.atPrep(cpu, at, Page.FLAGS.get(cpu, at));
            Page.FLAGS.writeOnce(cpu, at, 0);
            Page.PRIVATE.set(cpu, at, 0);
        }
        cpu.tell(Event.FRAMES_ALLOCATED, page, order);
        Page.COUNT.writeOnce(cpu, page, 1);
        vmStat.add(cpu, VmStatItem.PGALLOC, 1L << order);
    }

    private void clear(Cpu cpu, long page, int order) {
        long frame = map.frameOf(page);
        for (int i = 0; i < 1 << order; i++) {
            cpu.clearFrame(frame + ((long) i << PhysMem.PAGE_SHIFT));
        }
    }

    /**
     * free_pages: frees a block whose head page has _count 0, or whose reference the caller gives up (a speculative
     * reference elsewhere then frees it). Context: any.
     */
    public void freePages(Cpu cpu, @Ref(Page.class) long page, int order) {
        if (order != 0) {
            // Before the reference goes: whoever drops the last one must know the size.
            Page.PRIVATE.set(cpu, page, order);
            Page.FLAGS.setBits(cpu, page, Page.PG_HEAD);
        }
        if (Page.COUNT.readOnce(cpu, page) == 0) {
            vmStat.add(cpu, VmStatItem.PGFREE, freeUnreferenced(cpu, page));
        } else {
            putPage(cpu, page);
        }
    }

    /** put_page: drops a reference; the last one takes the page off the LRU and frees it. Full order. Context: any. */
    public void putPage(Cpu cpu, @Ref(Page.class) long page) {
        if (dropLast(cpu, page)) {
            if (Page.test(cpu, page, Page.PG_LRU)) {
                lru.removeForFree(cpu, page);
            }
            vmStat.add(cpu, VmStatItem.PGFREE, freeUnreferenced(cpu, page));
        }
    }

    /** {@link #putPage}, unless {@code page} is NULL. Context: any. */
    public void putIfAny(Cpu cpu, @Ref(Page.class) long page) {
        if (page != Cpu.NULL) {
            putPage(cpu, page);
        }
    }

    /** put_page_testzero: true if the caller dropped the last reference and has to free the page. Full order. */
    boolean dropLast(Cpu cpu, @Ref(Page.class) long page) {
        int left = Page.COUNT.addReturn(cpu, page, -1);
        if (left < 0) {
            throw check.underflow(cpu, page);
        }
        return left == 0;
    }

    /**
     * release_pages: drops one reference to each of the {@code count} pages listed in the words at {@code array}, as
     * {@link #putPage} does, but takes the LRU lock once and frees together. The array is used as scratch. Context:
     * any.
     */
    public void releasePages(Cpu cpu, long array, int count) {
        int last = 0;
        for (int i = 0; i < count; i++) {
            long page = cpu.read64(array + (long) i * Long.BYTES);
            if (dropLast(cpu, page)) {
                cpu.write64(array + (long) last++ * Long.BYTES, page);
            }
        }
        lru.removeForFree(cpu, array, last);
        freeUnreferenced(cpu, array, last);
    }

    /** free_page_list: frees pages with _count 0 that are on no LRU list, listed at {@code array}. Context: any. */
    public void freeUnreferenced(Cpu cpu, long array, int count) {
        long freed = 0;
        for (int i = 0; i < count; i++) {
            freed += freeUnreferenced(cpu, cpu.read64(array + (long) i * Long.BYTES));
        }
        vmStat.add(cpu, VmStatItem.PGFREE, freed);
    }

    /** Puts a page or block without references on a free list; returns its number of pages. */
    private int freeUnreferenced(Cpu cpu, long page) {
        long flags = Page.FLAGS.get(cpu, page);
        if ((flags & (Page.PG_HEAD | Page.PG_MLOCKED)) == 0) {
            makeFree(cpu, page, flags);
            perCpu.push(cpu, page);
            return 1;
        }
        return freeUncommon(cpu, page, flags);
    }

    private int freeUncommon(Cpu cpu, long page, long flags) {
        int order = (flags & Page.PG_HEAD) != 0 ? (int) Page.PRIVATE.get(cpu, page) : 0;
        if ((flags & Page.PG_MLOCKED) != 0) {
            // Munlocking lost a race, or truncation freed it.
            mlockedFree.freedMlocked(cpu, page);
        }
        makeFree(cpu, page, flags);
        for (int i = 1; i < 1 << order; i++) {
            long tail = page + (long) i * Page.LAYOUT.sizeBytes();
            makeFree(cpu, tail, Page.FLAGS.get(cpu, tail));
        }
        SpinLock.lockIrq(cpu, Zone.LOCK.of(zone));
        buddy.give(cpu, page, order);
        buddy.count(cpu, 1L << order);
        SpinLock.unlockIrq(cpu, Zone.LOCK.of(zone));
        return 1 << order;
    }

    /** free_pages_prepare: clears an anonymous mapping, checks, and marks the page free. */
    private void makeFree(Cpu cpu, long page, long flags) {
        if ((Page.MAPPING.get(cpu, page) & Page.MAPPING_ANON) != 0) {
            Page.MAPPING.writeOnce(cpu, page, 0);
        }
        check.atFree(cpu, page, flags);
        cpu.tell(Event.FRAMES_FREED, page, 0);
        Page.FLAGS.writeOnce(cpu, page, Page.PG_FREE);
    }

    /** Address of the contents of {@code page}. */
    public long frameOf(@Ref(Page.class) long page) {
        return map.frameOf(page);
    }

    /** The struct page of the frame at {@code frame}. @throws kemu.hw.mem.KernelBug if there is none. */
    public @Ref(Page.class) long pageOf(long frame) {
        return map.pageOf(frame);
    }

    /** Frame number. */
    public long pfnOf(@Ref(Page.class) long page) {
        return map.pfnOf(page);
    }

    /** The struct page of frame number {@code pfn}. */
    public @Ref(Page.class) long pageOfPfn(long pfn) {
        return map.pageOfPfn(pfn);
    }

    /** Frames managed. */
    public long totalPages() {
        return map.pages() - map.firstManaged();
    }

    /** Free frames, per-CPU lists included; racy. */
    public long freePageCount(Cpu cpu) {
        return vmStat.zone(cpu, VmStatItem.NR_FREE_PAGES) + perCpu.count(cpu);
    }

    /** Allocations that may not use the reserves stop here. */
    public long minWatermark() {
        return marks.min();
    }

    /** Below this kswapd is woken. */
    public long lowWatermark() {
        return low;
    }

    /** kswapd stops here. */
    public long highWatermark() {
        return marks.high();
    }

    /** zone_watermark_ok for reclaim: true if {@code mark} pages are free in the zone, for blocks of {@code order}. */
    public boolean watermarkOk(Cpu cpu, int order, long mark) {
        return marks.ok(cpu, order, mark, 0);
    }

    /** Sets who takes pages off the LRU lists. Boot only. */
    void lru(LruRemoval removal) {
        lru = removal;
    }

    /** Sets who is told of pages freed with PG_mlocked. Boot only. */
    public void mlockedFree(MlockedFree told) {
        mlockedFree = told;
    }

    /** Sets who makes room. Boot only. */
    public void reclaimer(Reclaimer reclaimer) {
        slowPath.reclaimer(reclaimer);
    }

    /** drain_all_pages: the per-CPU lists of all CPUs go back to the zone. Context: interrupts enabled. */
    public void drainAll(Cpu cpu) {
        slowPath.drainAll(cpu);
    }

    /** What walks and checks all pages of a machine at rest. */
    public PageAudit audit() {
        return new PageAudit(zone, map, perCpu, vmStat);
    }

    /** The zone, for the LRU. */
    @Ref(Zone.class)
    long zone() {
        return zone;
    }

    private Symbols.Symbol symbolAt(Cpu cpu, long address) {
        long first = map.pageOfPfn(0);
        if (address < first || address >= map.pageOfPfn(map.pages())) {
            return null;
        }
        long page = address & -Page.LAYOUT.sizeBytes();
        String field = Page.LAYOUT.pathOf(address - page);
        return new Symbols.Symbol(
                "struct page pfn:" + String.format("%05x", map.pfnOf(page))
                        + (field == null ? "+0x" + Long.toHexString(address - page) : "->" + field) + " flags:("
                        + Page.flagNames(Page.FLAGS.get(cpu, page)) + ")",
                page);
    }
}
