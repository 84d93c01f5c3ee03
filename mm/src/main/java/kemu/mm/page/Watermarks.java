package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.mem.PhysMem;

/**
 * The zone's watermarks and how far below them an allocation may go.
 *
 * <p>Source: Linux 2.6.36 mm/page_alloc.c, init_per_zone_wmark_min(), setup_per_zone_wmarks(), zone_watermark_ok().
 */
final class Watermarks {
    /** May use half of the minimum (__GFP_HIGH). */
    static final int ALLOC_HIGH = 1;
    /** May use another quarter (__GFP_HIGH, and cannot wait). */
    static final int ALLOC_HARDER = 2;
    /** Ignores watermarks: reclaims itself, or was chosen to die. */
    static final int ALLOC_NO_WATERMARKS = 4;

    private static final long MIN_KBYTES = 128;
    private static final long MAX_KBYTES = 65536;
    private static final int KBYTES_PER_PAGE = PhysMem.PAGE_SIZE / 1024;

    private final long zone;
    private final VmStat vmStat;
    private final long min;

    Watermarks(@Ref(Zone.class) long zone, VmStat vmStat, long managedPages) {
        this.zone = zone;
        this.vmStat = vmStat;
        long kbytes = (long) Math.sqrt((double) managedPages * KBYTES_PER_PAGE * 16);
        min = Math.max(MIN_KBYTES, Math.min(MAX_KBYTES, kbytes)) / KBYTES_PER_PAGE;
    }

    /** Allocations that may not dip into the reserves stop here. */
    long min() {
        return min;
    }

    /** Below this kswapd is woken. */
    long low() {
        return min + min / 4;
    }

    /** kswapd stops here. */
    long high() {
        return min + min / 2;
    }

    /**
     * zone_watermark_ok: true if a block of {@code order} leaves {@code mark} pages free, enough of them in large
     * blocks.
     */
    boolean ok(Cpu cpu, int order, long mark, int flags) {
        if ((flags & ALLOC_NO_WATERMARKS) != 0) {
            return true;
        }
        long least = mark;
        if ((flags & ALLOC_HIGH) != 0) {
            least -= least / 2;
        }
        if ((flags & ALLOC_HARDER) != 0) {
            least -= least / 4;
        }
        long free = vmStat.zone(cpu, VmStatItem.NR_FREE_PAGES) - (1L << order) + 1;
        if (free <= least) {
            return false;
        }
        for (int o = 0; o < order; o++) {
            free -= Zone.nrFree(cpu, zone, o) << o;
            least >>= 1;
            if (free <= least) {
                return false;
            }
        }
        return true;
    }
}
