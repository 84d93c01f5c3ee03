package kemu.mm.reclaim;

import kemu.hw.layout.Embedded;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.StructLayout;
import kemu.rcu.list.ListHead;

/**
 * {@code struct scan_control} and the private page lists of one reclaiming task; in Linux they are on its stack, here
 * every task slot has one. Only the task itself touches it.
 */
final class ScanControl {
    private static final StructLayout.Builder S = StructLayout.struct("scan_control");
    /** Pages isolated for a look. */
    static final Embedded HOLD = S.embed("l_hold", ListHead.LAYOUT);
    /** Pages looked at, to be put back. */
    static final Embedded DONE = S.embed("l_done", ListHead.LAYOUT);
    /** Pages looked at, to be put on the active list again. */
    static final Embedded ACTIVE = S.embed("l_active", ListHead.LAYOUT);
    /** Inactive pages scanned in this pass. */
    static final I64Field NR_SCANNED = S.i64("nr_scanned");
    /** Pages freed so far. */
    static final I64Field NR_RECLAIMED = S.i64("nr_reclaimed");
    /** Pages left to scan in this pass, by LRU list. */
    static final Embedded NR_TO_SCAN = S.words("nr", 4);
    /** Pages after which the task is content. */
    static final I32Field NR_TO_RECLAIM = S.i32("nr_to_reclaim");
    /** Gfp bits of the allocation that reclaims. */
    static final I32Field GFP = S.i32("gfp_mask");
    /** Share of the lists to scan: 2^-priority. */
    static final I32Field PRIORITY = S.i32("priority");
    /** 1 for kswapd. */
    static final I32Field KSWAPD = S.i32("kswapd");
    /** Size and members. */
    static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    private ScanControl() {}

    /** Address of the pages left to scan of {@code list}. */
    static long toScan(long control, int list) {
        return NR_TO_SCAN.of(control) + Long.BYTES * (long) list;
    }
}
