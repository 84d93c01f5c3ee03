package kemu.mm.khugepaged;

import kemu.hw.layout.Embedded;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Mutex;
import kemu.kernel.task.WaitQueue;
import kemu.rcu.list.ListHead;

/** {@code struct khugepaged_scan} and the other globals of khugepaged. Source: Linux 2.6.38 mm/huge_memory.c. */
final class KhugepagedScan {
    private static final StructLayout.Builder S = StructLayout.struct("khugepaged_scan");
    /** The slot that the scan stands at; NULL between two rounds. khugepaged_mm_lock. */
    static final RefField MM_SLOT = S.ref("mm_slot", HugeSlot.class);
    /** Next address to scan there. khugepaged_mutex, as the next two. */
    static final I64Field ADDRESS = S.i64("address");
    /** Pages looked at since the scan began. */
    static final I64Field PROGRESS = S.i64("progress");
    /** Rounds completed. */
    static final I64Field FULL_SCANS = S.i64("khugepaged_full_scans");
    /** The list of slots. khugepaged_mm_lock. */
    static final Embedded MM_HEAD = S.embed("mm_head", ListHead.LAYOUT);
    /** khugepaged_pages_to_scan: before it sleeps. READ_ONCE, as all knobs. */
    static final I64Field PAGES_TO_SCAN = S.i64("khugepaged_pages_to_scan");
    /** khugepaged_max_ptes_none: ptes that map nothing, at most, of those that are collapsed. */
    static final I64Field MAX_PTES_NONE = S.i64("khugepaged_max_ptes_none");
    /** How long it sleeps after a scan, in ticks (khugepaged_scan_sleep_millisecs). */
    static final I64Field SCAN_SLEEP = S.i64("khugepaged_scan_sleep_jiffies");
    /** How long it sleeps if there was no huge page to be had, in ticks (khugepaged_alloc_sleep_millisecs). */
    static final I64Field ALLOC_SLEEP = S.i64("khugepaged_alloc_sleep_jiffies");
    /** Times that compaction failed in a row, at most 6 (compact_defer_shift). khugepaged_mutex, as the next. */
    static final I64Field DEFER_SHIFT = S.i64("compact_defer_shift");
    /** Requests since then (compact_considered). */
    static final I64Field CONSIDERED = S.i64("compact_considered");
    /** Guards the slots' list and table. */
    static final Embedded MM_LOCK = S.embed("khugepaged_mm_lock", SpinLock.LAYOUT);
    /** Who holds it may scan. */
    static final Embedded THREAD_MUTEX = S.embed("khugepaged_mutex", Mutex.LAYOUT);
    /** Where khugepaged waits for a slot. */
    static final Embedded THREAD_WAIT = S.embed("khugepaged_wait", WaitQueue.LAYOUT);
    /** Size and members. */
    static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    private KhugepagedScan() {}
}
