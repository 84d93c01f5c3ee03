package kemu.mm.khugepaged;

import kemu.hw.layout.Embedded;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.mm.types.MmStruct;
import kemu.rcu.list.HList;
import kemu.rcu.list.ListHead;

/** {@code struct mm_slot} of khugepaged: an address space that is scanned. Source: Linux 2.6.38 mm/huge_memory.c. */
final class HugeSlot {
    private static final StructLayout.Builder S = StructLayout.struct("khugepaged_mm_slot");
    /** Link in the hash table of slots. khugepaged_mm_lock. */
    static final Embedded HASH = S.embed("hash", HList.LAYOUT);
    /** Link in the list of slots. khugepaged_mm_lock. */
    static final Embedded MM_NODE = S.embed("mm_node", ListHead.LAYOUT);
    /** Whose it is, with a reference to the structure. Constant. */
    static final RefField MM = S.ref("mm", MmStruct.class);
    /** Size and members. */
    static final StructLayout LAYOUT = S.build(8);

    private HugeSlot() {}
}
