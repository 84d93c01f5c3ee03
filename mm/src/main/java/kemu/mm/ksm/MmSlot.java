package kemu.mm.ksm;

import kemu.hw.layout.Embedded;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.mm.types.MmStruct;
import kemu.rcu.list.HList;
import kemu.rcu.list.ListHead;

/** {@code struct mm_slot}: an address space that is scanned. Source: Linux 2.6.36 mm/ksm.c. */
final class MmSlot {
    private static final StructLayout.Builder S = StructLayout.struct("ksm_mm_slot");
    /** Link in the hash table of slots. ksm_mmlist_lock. */
    static final Embedded LINK = S.embed("link", HList.LAYOUT);
    /** Link in the list of slots. ksm_mmlist_lock. */
    static final Embedded MM_LIST = S.embed("mm_list", ListHead.LAYOUT);
    /** First rmap_item by address. Owner: whose scan stands at the slot; else ksm_mmlist_lock. */
    static final RefField RMAP_LIST = S.ref("rmap_list", RmapItem.class);
    /** Whose it is, with a reference to the structure. Constant. */
    static final RefField MM = S.ref("mm", MmStruct.class);
    /** Size and members. */
    static final StructLayout LAYOUT = S.build(8);

    private MmSlot() {}
}
