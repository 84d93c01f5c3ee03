package kemu.mm.slab;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.layout.Ref;
import kemu.hw.mem.PhysMem;
import kemu.kernel.context.Preempt;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.page.VmStatItem;
import kemu.rcu.RcuHead;

/**
 * What a cache does beyond its CPU slabs: take over what others freed, take a partial slab, make a slab, free into a
 * slab that is another CPU's or nobody's, discard an empty slab.
 *
 * <p>Source: Linux 2.6.36 mm/slub.c, __slab_alloc(), __slab_free(), deactivate_slab(), new_slab(), free_slab(). An
 * empty slab is kept while the partial list is short, on a plain free as well as on deactivation, as in later versions.
 */
final class SlabSlowPath {
    private final SlabAllocator slabs;
    private final KmemCache cache;
    private final ObjectLayout layout;
    private final long struct;

    SlabSlowPath(SlabAllocator slabs, KmemCache cache) {
        this.slabs = slabs;
        this.cache = cache;
        this.layout = cache.layout();
        this.struct = cache.struct();
    }

    /** __slab_alloc: an object whose CPU slab {@code c} has no free object, or NULL. */
    long alloc(Cpu cpu, int gfp, @Ref(KmemCacheCpu.class) long c) {
        Preempt.irqDisable(cpu);
        // The task may have been preempted on the way here, and the CPU slab refilled.
        long object = KmemCacheCpu.FREELIST.get(cpu, c);
        if (object == Cpu.NULL) {
            object = refill(cpu, gfp, c);
        }
        if (object != Cpu.NULL) {
            KmemCacheCpu.FREELIST.set(cpu, c, nextOf(cpu, object));
        }
        Preempt.irqEnable(cpu);
        return object;
    }

    /** First object of the list that is to become the CPU's; the CPU slab holds its slab then. */
    private long refill(Cpu cpu, int gfp, long c) {
        long page = KmemCacheCpu.PAGE.get(cpu, c);
        if (page != Cpu.NULL) {
            SlabPage.lock(cpu, page);
            long object = takeFreelist(cpu, page);
            if (object != Cpu.NULL) {
                SlabPage.unlock(cpu, page);
                return object;
            }
            // All its objects are allocated: it is on no list until one is freed.
            SlabPage.freeze(cpu, page, false);
            KmemCacheCpu.PAGE.set(cpu, c, Cpu.NULL);
            SlabPage.unlock(cpu, page);
        }
        page = KmemCacheNode.takePartial(cpu, struct);
        if (page == Cpu.NULL) {
            page = newSlab(cpu, gfp);
            if (page == Cpu.NULL) {
                return Cpu.NULL;
            }
            if (KmemCacheCpu.PAGE.get(cpu, c) != Cpu.NULL) {
                // Another task of this CPU installed a slab while this one slept for memory.
                flush(cpu, c);
            }
            SlabPage.lock(cpu, page);
            SlabPage.freeze(cpu, page, true);
        }
        KmemCacheCpu.PAGE.set(cpu, c, page);
        long object = takeFreelist(cpu, page);
        SlabPage.unlock(cpu, page);
        return object;
    }

    /** Takes all free objects of a locked slab; the slab counts them as used. */
    private static long takeFreelist(Cpu cpu, long page) {
        long object = SlabPage.freelist(cpu, page);
        if (object != Cpu.NULL) {
            SlabPage.setFreelist(cpu, page, Cpu.NULL);
            SlabPage.setInuse(cpu, page, SlabPage.objects(cpu, page));
        }
        return object;
    }

    private long nextOf(Cpu cpu, long object) {
        return SlabWords.get(cpu, object + layout.freePointerOffset());
    }

    /** new_slab: a slab with all objects free and constructed; NULL if memory is out. Enables interrupts to sleep. */
    private long newSlab(Cpu cpu, int gfp) {
        boolean maySleep = (gfp & Gfp.WAIT) != 0;
        if (maySleep) {
            Preempt.irqEnable(cpu);
        }
        long page = slabs.pages().allocPages(cpu, gfp & ~Gfp.ZERO, layout.order());
        if (page != Cpu.NULL) {
            setUp(cpu, page);
        }
        if (maySleep) {
            Preempt.irqDisable(cpu);
        }
        return page;
    }

    private void setUp(Cpu cpu, long page) {
        cpu.tell(Event.SLAB_BEGUN, page, struct);
        for (int i = 0; i < 1 << layout.order(); i++) {
            long at = page + (long) i * Page.LAYOUT.sizeBytes();
            Page.SLAB_CACHE.set(cpu, at, struct);
            Page.FLAGS.writeOnce(cpu, at, Page.PG_SLAB);
        }
        long first = slabs.pages().frameOf(page);
        for (int i = 0; i < layout.objects(); i++) {
            long object = first + (long) i * layout.slotSize();
            boolean last = i == layout.objects() - 1;
            SlabWords.set(cpu, object + layout.stateOffset(), 0);
            if (cache.constructor() != null) {
                cache.constructor().construct(cpu, object);
            }
            SlabWords.set(cpu, object + layout.freePointerOffset(), last ? Cpu.NULL : object + layout.slotSize());
        }
        SlabPage.init(cpu, page, layout.objects());
        SlabPage.setFreelist(cpu, page, first);
        cpu.tell(Event.SLAB_MADE, page, struct);
        KmemCacheNode.NR_SLABS.add(cpu, struct, 1);
        slabs.vmStat().add(cpu, VmStatItem.NR_SLAB_UNRECLAIMABLE, 1L << layout.order());
    }

    /** __slab_free: frees into a slab that is not this CPU's. Context: interrupts disabled. */
    void free(Cpu cpu, @Ref(Page.class) long page, long object) {
        SlabPage.lock(cpu, page);
        long prior = SlabPage.freelist(cpu, page);
        SlabWords.set(cpu, object + layout.freePointerOffset(), prior);
        SlabPage.setFreelist(cpu, page, object);
        int inuse = SlabPage.inuse(cpu, page) - 1;
        SlabPage.setInuse(cpu, page, inuse);
        if (SlabPage.isFrozen(cpu, page)) {
            SlabPage.unlock(cpu, page);
        } else if (inuse == 0 && enoughPartial(cpu)) {
            if (prior != Cpu.NULL) {
                KmemCacheNode.removePartial(cpu, struct, page);
            }
            SlabPage.unlock(cpu, page);
            discard(cpu, page);
        } else {
            if (prior == Cpu.NULL) {
                KmemCacheNode.addPartial(cpu, struct, page);
            }
            SlabPage.unlock(cpu, page);
        }
    }

    private boolean enoughPartial(Cpu cpu) {
        return KmemCacheNode.NR_PARTIAL.readOnce(cpu, struct) >= slabs.minPartial();
    }

    /**
     * deactivate_slab: gives the slab of {@code c} back to the cache with the free objects the CPU had taken. Context:
     * interrupts disabled; {@code c} is this CPU's, or the machine does not run.
     */
    void flush(Cpu cpu, @Ref(KmemCacheCpu.class) long c) {
        long page = KmemCacheCpu.PAGE.get(cpu, c);
        if (page == Cpu.NULL) {
            return;
        }
        SlabPage.lock(cpu, page);
        int inuse = SlabPage.inuse(cpu, page);
        long object = KmemCacheCpu.FREELIST.get(cpu, c);
        // Ends: a slab has at most objectsPerSlab() free objects.
        while (object != Cpu.NULL) {
            long next = nextOf(cpu, object);
            SlabWords.set(cpu, object + layout.freePointerOffset(), SlabPage.freelist(cpu, page));
            SlabPage.setFreelist(cpu, page, object);
            inuse--;
            object = next;
        }
        SlabPage.setInuse(cpu, page, inuse);
        SlabPage.freeze(cpu, page, false);
        KmemCacheCpu.FREELIST.set(cpu, c, Cpu.NULL);
        KmemCacheCpu.PAGE.set(cpu, c, Cpu.NULL);
        boolean empty = inuse == 0 && enoughPartial(cpu);
        if (!empty && SlabPage.freelist(cpu, page) != Cpu.NULL) {
            KmemCacheNode.addPartial(cpu, struct, page);
        }
        SlabPage.unlock(cpu, page);
        if (empty) {
            discard(cpu, page);
        }
    }

    /**
     * discard_slab: an empty slab on no list leaves the cache, after a grace period if the cache is
     * SLAB_DESTROY_BY_RCU: readers may still look at objects they found before those were freed.
     */
    void discard(Cpu cpu, @Ref(Page.class) long page) {
        KmemCacheNode.NR_SLABS.add(cpu, struct, -1);
        if (cache.isDestroyByRcu()) {
            long head = Page.LRU.of(page);
            RcuHead.FUNC.set(cpu, head, 0);
            slabs.rcu().callRcu(cpu, head, slabs.rcuFreeSlab());
        } else {
            slabs.freeSlab(cpu, page, layout.order());
        }
    }

    /** Discards the empty slabs of the partial list. Context: may be preempted. */
    void shrink(Cpu cpu) {
        Preempt.irqDisable(cpu);
        // Every slab is looked at once: what is not empty goes to the end of the list.
        for (long left = KmemCacheNode.NR_PARTIAL.readOnce(cpu, struct); left > 0; left--) {
            long page = KmemCacheNode.takePartial(cpu, struct);
            if (page == Cpu.NULL) {
                break;
            }
            SlabPage.freeze(cpu, page, false);
            boolean empty = SlabPage.inuse(cpu, page) == 0;
            if (!empty) {
                KmemCacheNode.addPartial(cpu, struct, page);
            }
            SlabPage.unlock(cpu, page);
            if (empty) {
                discard(cpu, page);
            }
        }
        Preempt.irqEnable(cpu);
    }

    /** Host-readable size of a slab in bytes, for reports. */
    int slabBytes() {
        return PhysMem.PAGE_SIZE << layout.order();
    }
}
