package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;

/** Whether reclaim may take a page. Source: Linux 2.6.36 mm/vmscan.c, page_evictable(). */
final class LruEvictable {
    /** Boot only; null until the files are there. */
    private UnevictableMappings mappings;

    private final long zone;

    LruEvictable(@Ref(Zone.class) long zone) {
        this.zone = zone;
    }

    void mappings(UnevictableMappings those) {
        mappings = those;
    }

    /** page_evictable: false if a locked VMA maps the page, or SHM_LOCK holds its file. */
    boolean test(Cpu cpu, @Ref(Page.class) long page) {
        // RACE: the number of such mappings is right unless the first one is just being made, which may miss a page.
        return !Page.test(cpu, page, Page.PG_MLOCKED)
                && (cpu.read64(Zone.UNEVICTABLE_MAPPINGS.of(zone)) == 0 || !mappings.hold(cpu, page));
    }

    /** Adds to the number of mappings that hold their pages. */
    void count(Cpu cpu, long delta) {
        long at = Zone.UNEVICTABLE_MAPPINGS.of(zone);
        long seen = cpu.readOnce64(at);
        // Ends: a failed exchange means another CPU's succeeded.
        while (true) {
            long old = cpu.cmpxchg64(at, seen, seen + delta, kemu.hw.order.Order.FULL);
            if (old == seen) {
                return;
            }
            seen = old;
        }
    }
}
