package kemu.mm.slab;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.layout.Ref;
import kemu.hw.layout.StructLayout;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.kernel.context.Preempt;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;

/**
 * One slab cache in SLUB's design. The object holds constants; the state is in emulated memory.
 *
 * <p>This class is the fast paths, which use the CPU slab only; {@link SlabSlowPath} is the rest. A freed object is the
 * next one its CPU hands out, its contents untouched: what the last owner left in it (a held lock, say) is what the
 * next owner finds. A constructor ran once, when the slab was made.
 *
 * <p>Source: Linux 2.6.36 mm/slub.c, slab_alloc() and slab_free(). Their interrupt disabling is not needed here: the
 * fast paths are plain accesses only, and interrupts and preemption arrive at marked accesses and polls.
 */
public final class KmemCache {
    private final String name;
    private final int flags;
    private final SlabConstructor constructor;
    private final ObjectLayout layout;
    private final int stateOffset;
    private final int freePointerOffset;
    private final long struct;
    private final long cpuSlabs;
    private final PageAllocator pages;
    /** Null: a freed object is the next one handed out. */
    private final SlabReuse reuse;

    private final SlabSlowPath slowPath;
    /** Null: allocations fail only when memory is out. */
    private Failslab failslab;
    /** What objects are made of; null for the struct called as the cache is, if there is one. For reports only. */
    private final StructLayout members;

    KmemCache(
            SlabAllocator slabs,
            String name,
            StructLayout members,
            int flags,
            ObjectLayout layout,
            SlabConstructor constructor,
            SlabReuse reuse,
            @Ref(KmemCacheNode.class) long struct,
            int id,
            Cpu cpu) {
        this.name = name;
        this.members = members;
        this.flags = flags;
        this.constructor = constructor;
        this.reuse = reuse;
        this.layout = layout;
        this.struct = struct;
        stateOffset = layout.stateOffset();
        freePointerOffset = layout.freePointerOffset();
        cpuSlabs = struct + KmemCacheNode.LAYOUT.sizeBytes();
        pages = slabs.pages();
        KmemCacheNode.init(cpu, struct, id, layout.order());
        for (int i = 0; i < slabs.cpus(); i++) {
            long c = cpuSlab(i);
            KmemCacheCpu.FREELIST.set(cpu, c, Cpu.NULL);
            KmemCacheCpu.PAGE.set(cpu, c, Cpu.NULL);
            KmemCacheCpu.ACTIVE.set(cpu, c, 0);
            KmemCacheCpu.KEPT_FIRST.set(cpu, c, Cpu.NULL);
            KmemCacheCpu.KEPT_LAST.set(cpu, c, Cpu.NULL);
            KmemCacheCpu.KEPT.set(cpu, c, 0);
            Machine.of(cpu).memory().symbols().racy(KmemCacheCpu.ACTIVE.of(c), Long.BYTES);
            Machine.of(cpu).memory().symbols().racy(KmemCacheCpu.PAGE.of(c), Long.BYTES);
            Machine.of(cpu).memory().symbols().racy(KmemCacheCpu.KEPT_FIRST.of(c), Long.BYTES);
        }
        slowPath = new SlabSlowPath(slabs, this);
    }

    StructLayout members() {
        return members;
    }

    /** Name as in /proc/slabinfo. */
    public String name() {
        return name;
    }

    /** {@code SLAB_} flags. */
    public int flags() {
        return flags;
    }

    /**
     * From now on allocations fail as {@code failures} says, however they are asked for. Only while the machine does
     * not run.
     */
    public void failAs(Failslab failures) {
        failslab = failures;
    }

    /** True if freed objects are kept back for a while, linked behind themselves. */
    boolean keepsFreed() {
        return reuse != null;
    }

    /** True if freed objects wait for a grace period, one by one, before they are handed out again. */
    public boolean waitsForGracePeriod() {
        return reuse != null && reuse.waitsForGracePeriod();
    }

    /** True if slab pages wait for a grace period before they leave the cache. */
    public boolean isDestroyByRcu() {
        return (flags & SlabAllocator.SLAB_DESTROY_BY_RCU) != 0;
    }

    /**
     * kmem_cache_alloc: an object, or NULL. Contents: as the last user left it (in a cache without constructor and
     * SLAB_DESTROY_BY_RCU the first word is overwritten), or as the constructor made it.
     *
     * <p>Context: may sleep with {@code Gfp.WAIT}, else any.
     */
    public long alloc(Cpu cpu, int gfp) {
        if (failslab != null && failslab.shouldFail(cpu)) {
            return Cpu.NULL;
        }
        long c = cpuSlab(cpu.id());
        long object = KmemCacheCpu.FREELIST.get(cpu, c);
        if (object == Cpu.NULL) {
            object = slowPath.alloc(cpu, gfp, c);
            if (object == Cpu.NULL) {
                return Cpu.NULL;
            }
        } else {
            KmemCacheCpu.FREELIST.set(cpu, c, SlabWords.get(cpu, object + freePointerOffset));
        }
        long state = SlabWords.get(cpu, object + stateOffset);
        if ((state & 1) != 0) {
            throw SlabReport.bug(cpu, this, object, FailureKind.CORRUPTION, "Freelist corrupt, object is allocated");
        }
        SlabWords.set(cpu, object + stateOffset, state + 1);
        cpu.tell(Event.SLAB_ALLOCATED, object, struct);
        KmemCacheCpu.ACTIVE.set(cpu, c, KmemCacheCpu.ACTIVE.get(cpu, c) + 1);
        return object;
    }

    /**
     * kmem_cache_free: the object is the next one this CPU allocates (LIFO) if its slab is the CPU's own. Context: any.
     *
     * @throws KernelBug if {@code object} is free already, or no object of this cache
     */
    public void free(Cpu cpu, long object) {
        cpu.tell(Event.SLAB_FREEING, object, struct);
        if (!layout.isObject(object)) {
            throw SlabReport.bug(cpu, this, object, FailureKind.INVALID_FREE, "Invalid object pointer");
        }
        long page = pages.pageOf(layout.slabOf(object));
        long c = cpuSlab(cpu.id());
        boolean own = KmemCacheCpu.PAGE.get(cpu, c) == page;
        if (!own && !isSlabOfThis(cpu, page)) {
            throw SlabReport.bug(cpu, this, object, FailureKind.INVALID_FREE, "Object is on no slab of this cache");
        }
        long state = SlabWords.get(cpu, object + stateOffset);
        if ((state & 1) == 0) {
            throw SlabReport.bug(cpu, this, object, FailureKind.DOUBLE_FREE, "Object already free");
        }
        SlabWords.set(cpu, object + stateOffset, state + 1);
        KmemCacheCpu.ACTIVE.set(cpu, c, KmemCacheCpu.ACTIVE.get(cpu, c) - 1);
        if (reuse == null) {
            handBack(cpu, object, page, c, own);
        } else {
            reuse.keep(cpu, this, object);
        }
    }

    /** Makes an object that was kept back free to be handed out, on this CPU. Context: any. */
    void putBack(Cpu cpu, long object) {
        long page = pages.pageOf(layout.slabOf(object));
        long c = cpuSlab(cpu.id());
        handBack(cpu, object, page, c, KmemCacheCpu.PAGE.get(cpu, c) == page);
    }

    private void handBack(Cpu cpu, long object, long page, long c, boolean own) {
        if (own) {
            SlabWords.set(cpu, object + freePointerOffset, KmemCacheCpu.FREELIST.get(cpu, c));
            KmemCacheCpu.FREELIST.set(cpu, c, object);
        } else {
            Preempt.irqDisable(cpu);
            slowPath.free(cpu, page, object);
            Preempt.irqEnable(cpu);
        }
    }

    /** Gives back what the CPU slab {@code c} has kept. Context: that CPU, or the machine does not run. */
    void releaseKept(Cpu cpu, @Ref(KmemCacheCpu.class) long c) {
        if (reuse != null) {
            reuse.flush(cpu, this, c);
        }
    }

    private boolean isSlabOfThis(Cpu cpu, long page) {
        return Page.test(cpu, page, Page.PG_SLAB) && Page.SLAB_CACHE.get(cpu, page) == struct;
    }

    /** Address of the CPU slab of CPU {@code id}. */
    @Ref(KmemCacheCpu.class)
    long cpuSlab(int id) {
        return cpuSlabs + (long) id * KmemCacheCpu.LAYOUT.sizeBytes();
    }

    /** has_cpu_slab: true if CPU {@code id} has objects to give back. Racy if that is another CPU. */
    boolean hasCpuSlab(Cpu cpu, int id) {
        long c = cpuSlab(id);
        return KmemCacheCpu.PAGE.readOnce(cpu, c) != Cpu.NULL
                || reuse != null && KmemCacheCpu.KEPT_FIRST.readOnce(cpu, c) != Cpu.NULL;
    }

    /** True if {@code kmemCache} is the kmem_cache of this cache, as events name it. */
    public boolean is(long kmemCache) {
        return kmemCache == struct;
    }

    @Ref(KmemCacheNode.class)
    long struct() {
        return struct;
    }

    ObjectLayout layout() {
        return layout;
    }

    /** Runs on every object of a new slab; may be null. */
    SlabConstructor constructor() {
        return constructor;
    }

    SlabSlowPath slowPath() {
        return slowPath;
    }

    /** The state word of {@code object}: odd while allocated; half of it, rounded up, is how many lives it has had. */
    long state(Cpu cpu, long object) {
        return SlabWords.get(cpu, object + stateOffset);
    }

    /**
     * How many times the slot of {@code object} has been allocated since its slab was made: tells one life of an object
     * from the next, for checks and reports.
     */
    public long lifeOf(Cpu cpu, long object) {
        return state(cpu, object) + 1 >> 1;
    }

    /** True if {@code object} is allocated. Racy; for checks and reports. */
    public boolean isAllocated(Cpu cpu, long object) {
        return (state(cpu, object) & 1) != 0;
    }

    /** Bytes of an object. */
    public int objectSize() {
        return layout.objectSize();
    }

    /** Objects in a slab. */
    public int objectsPerSlab() {
        return layout.objects();
    }

    /** Objects in use; racy. */
    public long activeObjects(Cpu cpu) {
        long active = 0;
        for (int i = 0; i < Machine.of(cpu).cpus(); i++) {
            active += KmemCacheCpu.ACTIVE.readOnce(cpu, cpuSlab(i));
        }
        return active;
    }

    /** Objects in all slabs, free or not; racy. */
    public long totalObjects(Cpu cpu) {
        return KmemCacheNode.NR_SLABS.readOnce(cpu, struct) * layout.objects();
    }

    /** Slab pages, those waiting for a grace period not counted; racy. */
    public long slabPages(Cpu cpu) {
        return KmemCacheNode.NR_SLABS.readOnce(cpu, struct) << layout.order();
    }
}
