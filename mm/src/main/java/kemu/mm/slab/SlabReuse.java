package kemu.mm.slab;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.mem.PhysMem;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.rcu.Rcu;
import kemu.rcu.RcuHead;

/**
 * When a freed object of a cache may be handed out again. At once is the default and costs nothing, since its caches
 * have none of these; the others keep freed objects back, linked through words behind the object.
 */
abstract class SlabReuse {
    /** Bytes that a slot needs behind its object. */
    static final int LINK_BYTES = RcuHead.LAYOUT.sizeBytes();

    /** True if every freed object waits for a grace period, which its readers can rely on. */
    abstract boolean waitsForGracePeriod();

    /** Takes over a freed object of {@code cache}. Context: any, on the CPU that frees. */
    abstract void keep(Cpu cpu, KmemCache cache, long object);

    /** Gives back what the CPU slab {@code c} has kept. Context: as the caller of a flush. */
    abstract void flush(Cpu cpu, KmemCache cache, long c);

    /**
     * Every object waits for a grace period: what SLAB_DESTROY_BY_RCU is often taken for. Source: Linux 6.12 mm/slub.c,
     * CONFIG_SLUB_RCU_DEBUG.
     */
    static final class AfterGracePeriod extends SlabReuse {
        private final SlabAllocator slabs;
        private final PageAllocator pages;
        private final Rcu rcu;
        private final int callback;

        AfterGracePeriod(SlabAllocator slabs, Rcu rcu) {
            this.slabs = slabs;
            this.rcu = rcu;
            pages = slabs.pages();
            callback = rcu.registerCallback("slab_free_after_rcu", this::graceOver);
        }

        @Override
        boolean waitsForGracePeriod() {
            return true;
        }

        @Override
        void keep(Cpu cpu, KmemCache cache, long object) {
            long head = object + cache.layout().linkOffset();
            RcuHead.FUNC.set(cpu, head, 0);
            rcu.callRcu(cpu, head, callback);
        }

        private void graceOver(Cpu cpu, long head) {
            long page = pages.pageOf(head & -(long) PhysMem.PAGE_SIZE);
            KmemCache cache = slabs.ofStruct(cpu, Page.SLAB_CACHE.get(cpu, page));
            long object = head - cache.layout().linkOffset();
            cpu.tell(Event.SLAB_GRACE_OVER, object, cache.struct());
            cache.putBack(cpu, object);
        }

        @Override
        void flush(Cpu cpu, KmemCache cache, long c) {
            // RCU gives them back; rcu_barrier waits for that.
        }
    }

    /**
     * The last objects freed on a CPU are kept back, first in first out. Hides bugs that need an object to be reused
     * soon. Source: the idea of Linux mm/kasan/quarantine.c, with a count instead of bytes.
     */
    static final class Quarantine extends SlabReuse {
        /** Objects per cache and CPU. */
        private static final int LENGTH = 32;

        @Override
        boolean waitsForGracePeriod() {
            return false;
        }

        @Override
        void keep(Cpu cpu, KmemCache cache, long object) {
            long c = cache.cpuSlab(cpu.id());
            int link = cache.layout().linkOffset();
            cpu.write64(object + link, Cpu.NULL);
            long last = KmemCacheCpu.KEPT_LAST.get(cpu, c);
            if (last == Cpu.NULL) {
                KmemCacheCpu.KEPT_FIRST.set(cpu, c, object);
            } else {
                cpu.write64(last + link, object);
            }
            KmemCacheCpu.KEPT_LAST.set(cpu, c, object);
            int count = KmemCacheCpu.KEPT.get(cpu, c) + 1;
            KmemCacheCpu.KEPT.set(cpu, c, count);
            if (count > LENGTH) {
                release(cpu, cache, c);
            }
        }

        private static void release(Cpu cpu, KmemCache cache, long c) {
            long object = KmemCacheCpu.KEPT_FIRST.get(cpu, c);
            long next = cpu.read64(object + cache.layout().linkOffset());
            KmemCacheCpu.KEPT_FIRST.set(cpu, c, next);
            if (next == Cpu.NULL) {
                KmemCacheCpu.KEPT_LAST.set(cpu, c, Cpu.NULL);
            }
            KmemCacheCpu.KEPT.set(cpu, c, KmemCacheCpu.KEPT.get(cpu, c) - 1);
            cache.putBack(cpu, object);
        }

        @Override
        void flush(Cpu cpu, KmemCache cache, long c) {
            // Ends: nothing is kept meanwhile.
            while (KmemCacheCpu.KEPT.get(cpu, c) > 0) {
                release(cpu, cache, c);
            }
        }
    }
}
