package kemu.mm.ksm;

import kemu.hw.layout.Embedded;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Mutex;
import kemu.kernel.task.WaitQueue;
import kemu.mm.page.Page;
import kemu.rcu.list.RbTree;

/** {@code struct ksm_scan} and the other globals of KSM. Source: Linux 2.6.36 mm/ksm.c. */
final class KsmScan {
    private static final StructLayout.Builder S = StructLayout.struct("ksm_scan");
    /** The slot that the scan stands at; the head between two rounds. ksm_thread_mutex and ksm_mmlist_lock. */
    static final RefField MM_SLOT = S.ref("mm_slot", MmSlot.class);
    /** Next address to scan there. ksm_thread_mutex, as the next two. */
    static final I64Field ADDRESS = S.i64("address");
    /** The word that holds the next rmap_item to be met. */
    static final I64Field RMAP_LIST = S.i64("rmap_list");
    /** The page there, with a reference that whoever scans it gives up. */
    static final RefField PAGE = S.ref("page", Page.class);
    /** Rounds completed. */
    static final I64Field SEQNR = S.i64("seqnr");
    /** Root of the stable tree. ksm_thread_mutex. */
    static final Embedded STABLE_TREE = S.embed("root_stable_tree", RbTree.LAYOUT);
    /** Root of the unstable tree. ksm_thread_mutex. */
    static final Embedded UNSTABLE_TREE = S.embed("root_unstable_tree", RbTree.LAYOUT);
    /** ksm_mm_head: the list of slots. */
    static final Embedded MM_HEAD = S.embed("ksm_mm_head", MmSlot.LAYOUT);
    /** ksm_thread_pages_to_scan: before ksmd sleeps. */
    static final I64Field PAGES_TO_SCAN = S.i64("ksm_thread_pages_to_scan");
    /** How long it sleeps then, in ticks (ksm_thread_sleep_millisecs). */
    static final I64Field SLEEP_JIFFIES = S.i64("ksm_thread_sleep_jiffies");
    /** Guards the slots' list and table. */
    static final Embedded MMLIST_LOCK = S.embed("ksm_mmlist_lock", SpinLock.LAYOUT);
    /** Who holds it may scan. */
    static final Embedded THREAD_MUTEX = S.embed("ksm_thread_mutex", Mutex.LAYOUT);
    /** Where ksmd waits for a slot. */
    static final Embedded THREAD_WAIT = S.embed("ksm_thread_wait", WaitQueue.LAYOUT);
    /** Size and members. */
    static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    private KsmScan() {}
}
