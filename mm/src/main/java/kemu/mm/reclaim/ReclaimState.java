package kemu.mm.reclaim;

import kemu.hw.layout.Embedded;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.StructLayout;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.WaitQueue;

/**
 * What reclaim remembers about the zone ({@code struct zone_reclaim_stat} and neighbours). The statistics steer
 * scanning and nothing else, so they are unordered atomics.
 */
final class ReclaimState {
    private static final StructLayout.Builder S = StructLayout.struct("reclaim_state");
    /** Anonymous pages scanned lately; decays. Next word: file pages. */
    static final Embedded RECENT_SCANNED = S.words("recent_scanned", 2);
    /** Of those, pages found in use. Next word: file pages. */
    static final Embedded RECENT_ROTATED = S.words("recent_rotated", 2);
    /** Pages to scan that did not make a batch yet, by LRU list. */
    static final Embedded SAVED_SCAN = S.words("nr_saved_scan", 4);
    /** Pages scanned since the last one was freed, by anyone; many mean that nothing can be reclaimed. */
    static final I64Field PAGES_SCANNED = S.i64("pages_scanned");
    /** Pages freed since boot, as of the last scan. */
    static final I64Field FREES_SEEN = S.i64("frees_seen");
    /** Where kswapd sleeps. */
    static final Embedded KSWAPD_WAIT = S.cacheLine().embed("kswapd_wait", WaitQueue.LAYOUT);
    /** One chooser of OOM victims at a time. */
    static final Embedded OOM_LOCK = S.embed("oom_lock", SpinLock.LAYOUT);
    /** Victims chosen since boot. {@link #OOM_LOCK}. */
    static final I32Field OOM_KILLS = S.i32("oom_kills");
    /** Size and members. */
    static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    private ReclaimState() {}

    /** The word of {@code pair} for anonymous (0) or file (1) pages. */
    static long word(Embedded pair, long state, int file) {
        return pair.of(state) + Long.BYTES * (long) file;
    }
}
