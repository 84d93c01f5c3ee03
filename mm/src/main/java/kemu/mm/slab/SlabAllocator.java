package kemu.mm.slab;

import java.util.stream.IntStream;
import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.layout.StructLayout;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.kernel.context.Preempt;
import kemu.kernel.task.Sched;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.rcu.Rcu;

/**
 * All slab caches: creation by name, destruction, statistics, naming of objects for reports. The structs of the caches
 * are objects of the first cache, {@code kmem_cache}.
 *
 * <p>Source: Linux 2.6.36 mm/slub.c, kmem_cache_create() and kmem_cache_destroy(); caches are never merged.
 */
public final class SlabAllocator {
    /** Slab pages go back to the page allocator only after a grace period; objects are reused at once. */
    public static final int SLAB_DESTROY_BY_RCU = 1;
    /** A failed creation is a kernel bug. */
    public static final int SLAB_PANIC = 2;
    /** Object starts on its own cache line. */
    public static final int SLAB_HWCACHE_ALIGN = 4;
    /** An object is reused only after a grace period. */
    public static final int SLAB_OBJECT_RCU = 8;

    private static final int MAX_CACHES = 256;
    private static final int MIN_PARTIAL = 5;
    private static final int PAGES_PER_PARTIAL = 2048;

    private final Machine machine;
    private final Rcu rcu;
    private final PageAllocator pages;
    private final VmStat vmStat;
    private final ReusePolicy reuse;
    private final int minPartial;
    private final int rcuFreeSlab;
    private final int flushCall;
    private final SlabReuse quarantine;
    private final SlabReuse afterGracePeriod;
    private final KmemCache kmemCache;
    /** The constants of all caches ever made, by number; which of them exist says emulated memory. */
    private final KmemCache[] caches = new KmemCache[MAX_CACHES];

    /**
     * The allocator with its first cache. Boot only.
     *
     * @param reuse when freed objects are handed out again, the name of a {@link ReusePolicy}
     */
    public SlabAllocator(Machine machine, Rcu rcu, PageAllocator pages, VmStat vmStat, String reuse) {
        this.machine = machine;
        this.rcu = rcu;
        this.pages = pages;
        this.vmStat = vmStat;
        this.reuse = ReusePolicy.byName(reuse);
        Cpu boot = machine.bootCpu();
        minPartial = (int) Math.max(1, Math.min(MIN_PARTIAL, pages.totalPages() / PAGES_PER_PARTIAL));
        rcuFreeSlab = rcu.registerCallback("rcu_free_slab", this::rcuFreeSlab);
        flushCall = Sched.of(machine).crossCalls().register(this::flushOn);
        quarantine = this.reuse == ReusePolicy.DELAYED ? new SlabReuse.Quarantine() : null;
        afterGracePeriod = new SlabReuse.AfterGracePeriod(this, rcu);
        ObjectLayout layout = ObjectLayout.of(structBytes(), StructLayout.CACHE_LINE, false, 0);
        long page = pages.allocPages(boot, Gfp.NOWAIT, layout.order());
        // The first cache cannot hold its own struct, which lives as long as the machine.
        Page.FLAGS.setBits(boot, page, Page.PG_RESERVED);
        kmemCache = new KmemCache(
                this, "kmem_cache", KmemCacheNode.LAYOUT, SLAB_PANIC, layout, null, null, pages.frameOf(page), 0, boot);
        caches[0] = kmemCache;
        machine.memory().symbols().resolver(address -> SlabReport.at(boot, this, address));
    }

    private SlabReuse reuseOf(int flags) {
        boolean readers = (flags & SLAB_DESTROY_BY_RCU) != 0;
        return (flags & SLAB_OBJECT_RCU) != 0 || readers && reuse == ReusePolicy.OBJECT_RCU
                ? afterGracePeriod
                : quarantine;
    }

    private int structBytes() {
        return KmemCacheNode.LAYOUT.sizeBytes() + cpus() * KmemCacheCpu.LAYOUT.sizeBytes();
    }

    /** A number for a cache. Numbers of destroyed caches are not used again. */
    private int freeNumber() {
        int id = 0;
        while (caches[id] != null) {
            id++;
            if (id == MAX_CACHES) {
                throw new IllegalStateException("more than " + MAX_CACHES + " slab caches");
            }
        }
        return id;
    }

    /** True if cache number {@code id} exists: its struct says so, since a destroyed cache is forgotten in memory. */
    private boolean isLive(Cpu cpu, int id) {
        KmemCache cache = caches[id];
        if (cache == null) {
            return false;
        }
        long page = pages.pageOf(cache.struct());
        return cache == kmemCache
                || (Page.FLAGS.get(cpu, page) & Page.PG_SLAB) != 0
                        && Page.SLAB_CACHE.get(cpu, page) == kmemCache.struct()
                        && kmemCache.isAllocated(cpu, cache.struct())
                        && KmemCacheNode.ID.get(cpu, cache.struct()) == id;
    }

    /**
     * kmem_cache_create. Only while the machine does not run: an execution that is undone takes back memory, but not
     * what Java knows of a cache.
     *
     * @param alignment of an object, a power of two; 0 for 8
     * @param constructor runs once on every object when its slab is made; null for none
     * @return the cache, or null if memory is out and {@code flags} lacks SLAB_PANIC
     */
    public KmemCache create(
            Cpu cpu, String name, int sizeBytes, int alignment, int flags, SlabConstructor constructor) {
        return create(cpu, name, null, sizeBytes, alignment, flags, constructor);
    }

    /** As above, of objects of {@code struct}: reports name its members whatever the cache is called. */
    public KmemCache create(
            Cpu cpu, String name, StructLayout struct, int alignment, int flags, SlabConstructor constructor) {
        return create(cpu, name, struct, struct.sizeBytes(), alignment, flags, constructor);
    }

    private KmemCache create(
            Cpu cpu,
            String name,
            StructLayout members,
            int sizeBytes,
            int alignment,
            int flags,
            SlabConstructor constructor) {
        if (machine.running()) {
            throw new IllegalStateException("slab cache " + name + ": made while the machine runs");
        }
        int align = (flags & SLAB_HWCACHE_ALIGN) != 0 ? Math.max(alignment, StructLayout.CACHE_LINE) : alignment;
        boolean typeStable = constructor != null || (flags & SLAB_DESTROY_BY_RCU) != 0;
        SlabReuse reuse = reuseOf(flags);
        ObjectLayout layout = ObjectLayout.of(sizeBytes, align, typeStable, reuse == null ? 0 : SlabReuse.LINK_BYTES);
        long struct = kmemCache.alloc(cpu, Gfp.KERNEL);
        if (struct == Cpu.NULL) {
            if ((flags & SLAB_PANIC) != 0) {
                throw new KernelBug(
                        FailureKind.OUT_OF_MEMORY,
                        "Kernel panic - not syncing: Cannot create slab " + name + " size=" + sizeBytes);
            }
            return null;
        }
        int id = freeNumber();
        KmemCache cache = new KmemCache(this, name, members, flags, layout, constructor, reuse, struct, id, cpu);
        caches[id] = cache;
        return cache;
    }

    /**
     * kmem_cache_destroy: gives back all slabs. If the cache is SLAB_DESTROY_BY_RCU, waits with rcu_barrier, since
     * callbacks still refer to the cache. Context: may sleep.
     *
     * @throws KernelBug if objects are still allocated
     */
    public void destroy(Cpu cpu, KmemCache cache) {
        close(cpu, cache);
        if (cache.isDestroyByRcu()) {
            rcu.rcuBarrier(cpu);
        }
        release(cpu, cache);
    }

    /**
     * kmem_cache_close: the first part of {@link #destroy}: all slabs go, or are on their way by call_rcu. Context: may
     * sleep.
     *
     * @throws KernelBug if objects are still allocated
     */
    public void close(Cpu cpu, KmemCache cache) {
        Preempt.mightSleep(cpu, "kmem_cache_destroy");
        if (reuseOf(cache.flags()) == afterGracePeriod) {
            rcu.rcuBarrier(cpu);
        }
        flushAll(cpu, cache);
        cache.slowPath().shrink(cpu);
        if (cache.activeObjects(cpu) != 0 || cache.slabPages(cpu) != 0) {
            throw new KernelBug(
                    FailureKind.LEAK,
                    "BUG " + cache.name() + ": Objects remaining on kmem_cache_close()\n"
                            + SlabReport.leaks(cpu, this, cache));
        }
    }

    /**
     * slab_kmem_cache_release: the last part of {@link #destroy}: the struct of a closed cache is freed. No callback of
     * the cache may be left: right only after rcu_barrier if it is SLAB_DESTROY_BY_RCU.
     */
    public void release(Cpu cpu, KmemCache cache) {
        KmemCacheNode.ID.set(cpu, cache.struct(), KmemCacheNode.DESTROYED);
        kmemCache.free(cpu, cache.struct());
    }

    /**
     * kmem_cache_shrink: gives back the CPU slabs and all empty slabs of {@code cache}. Context: interrupts enabled.
     */
    public void shrink(Cpu cpu, KmemCache cache) {
        flushAll(cpu, cache);
        cache.slowPath().shrink(cpu);
    }

    /** {@link #shrink} of every cache, so that what is left in use is in use. Context: interrupts enabled. */
    public void shrinkAll(Cpu cpu) {
        for (int id = 0; id < MAX_CACHES; id++) {
            if (isLive(cpu, id)) {
                shrink(cpu, caches[id]);
            }
        }
    }

    /** flush_all: calls only CPUs that have something to give back (since 3.4). */
    private void flushAll(Cpu cpu, KmemCache cache) {
        if (machine.running()) {
            Preempt.disable(cpu);
            flushOn(cpu, cache.struct());
            Preempt.enable(cpu);
            long mask = 0;
            for (int i = 0; i < cpus(); i++) {
                mask |= cache.hasCpuSlab(cpu, i) ? 1L << i : 0;
            }
            Sched.of(machine).crossCalls().callMany(cpu, mask, flushCall, cache.struct());
            return;
        }
        Preempt.irqDisable(cpu);
        for (int i = 0; i < cpus(); i++) {
            cache.releaseKept(cpu, cache.cpuSlab(i));
            cache.slowPath().flush(cpu, cache.cpuSlab(i));
        }
        Preempt.irqEnable(cpu);
    }

    private void flushOn(Cpu cpu, long struct) {
        KmemCache cache = ofStruct(cpu, struct);
        Preempt.irqDisable(cpu);
        cache.releaseKept(cpu, cache.cpuSlab(cpu.id()));
        cache.slowPath().flush(cpu, cache.cpuSlab(cpu.id()));
        Preempt.irqEnable(cpu);
    }

    private void rcuFreeSlab(Cpu cpu, long rcuHead) {
        long page = Page.ofLru(rcuHead);
        long struct = Page.SLAB_CACHE.get(cpu, page);
        if (KmemCacheNode.ID.get(cpu, struct) == KmemCacheNode.DESTROYED) {
            throw new KernelBug(
                    FailureKind.USE_AFTER_FREE,
                    "BUG: rcu_free_slab of a cache that is destroyed, struct kmem_cache 0x" + Long.toHexString(struct)
                            + ", on CPU#" + cpu.id());
        }
        freeSlab(cpu, page, KmemCacheNode.ORDER.get(cpu, struct));
    }

    /** __free_slab: the frames go back to the page allocator. */
    void freeSlab(Cpu cpu, @Ref(Page.class) long page, int order) {
        for (int i = 0; i < 1 << order; i++) {
            long at = page + (long) i * Page.LAYOUT.sizeBytes();
            Page.FLAGS.writeOnce(cpu, at, 0);
            Page.SLAB_CACHE.set(cpu, at, Cpu.NULL);
        }
        vmStat.add(cpu, VmStatItem.NR_SLAB_UNRECLAIMABLE, -(1L << order));
        pages.freePages(cpu, page, order);
    }

    /** All caches, in order of creation, {@code kmem_cache} first. */
    public KmemCache[] caches() {
        Cpu boot = machine.bootCpu();
        return IntStream.range(0, MAX_CACHES)
                .filter(id -> isLive(boot, id))
                .mapToObj(id -> caches[id])
                .toArray(KmemCache[]::new);
    }

    /** Objects still allocated, those of {@code kmem_cache} aside; racy unless the machine is at rest. */
    public long leakedObjects(Cpu cpu) {
        long leaked = 0;
        for (KmemCache cache : caches()) {
            leaked += cache == kmemCache ? 0 : cache.activeObjects(cpu);
        }
        return leaked;
    }

    /** One line per cache that has objects in use, and the first of them. Context: machine at rest. */
    public String describeLeaks(Cpu cpu) {
        StringBuilder out = new StringBuilder();
        for (KmemCache cache : caches()) {
            if (cache != kmemCache && cache.activeObjects(cpu) != 0) {
                out.append(SlabReport.leaks(cpu, this, cache));
            }
        }
        return out.toString();
    }

    /** Allocated objects of {@code cache}: how many, and the first of them. Reports only. */
    public String describe(Cpu cpu, KmemCache cache) {
        return SlabReport.leaks(cpu, this, cache);
    }

    /** A table like /proc/slabinfo. */
    public String slabInfo(Cpu cpu) {
        return SlabReport.slabInfo(cpu, this);
    }

    /** The cache whose struct is at {@code struct}, or null. */
    public KmemCache ofStruct(Cpu cpu, @Ref(KmemCacheNode.class) long struct) {
        KmemCache found = null;
        // The newest counts: its struct may lie where that of a destroyed one was.
        for (int id = 0; id < MAX_CACHES && caches[id] != null; id++) {
            found = caches[id].struct() == struct ? caches[id] : found;
        }
        return found;
    }

    /** Slabs a cache keeps on its partial list even when they are empty. */
    int minPartial() {
        return minPartial;
    }

    int rcuFreeSlab() {
        return rcuFreeSlab;
    }

    PageAllocator pages() {
        return pages;
    }

    VmStat vmStat() {
        return vmStat;
    }

    Rcu rcu() {
        return rcu;
    }

    int cpus() {
        return machine.cpus();
    }
}
