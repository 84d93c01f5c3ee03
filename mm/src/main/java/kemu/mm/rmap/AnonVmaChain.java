package kemu.mm.rmap;

import kemu.hw.layout.Embedded;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.mm.types.AnonVma;
import kemu.mm.types.VmArea;
import kemu.rcu.list.ListHead;

/** {@code struct anon_vma_chain}: links one VMA to one anon_vma. Source: Linux 2.6.36 include/linux/rmap.h. */
public final class AnonVmaChain {
    private static final StructLayout.Builder S = StructLayout.struct("anon_vma_chain");
    /** The VMA. Constant while linked. */
    public static final RefField VMA = S.ref("vma", VmArea.class);
    /** The anon_vma. Constant while linked. */
    public static final RefField ANON_VMA = S.ref("anon_vma", AnonVma.class);
    /** Link in the VMA's chain, newest first. mmap_sem (W), or (R) and page_table_lock. */
    public static final Embedded SAME_VMA = S.embed("same_vma", ListHead.LAYOUT);
    /** Link in the anon_vma's list, oldest first. The root anon_vma's lock. */
    public static final Embedded SAME_ANON_VMA = S.embed("same_anon_vma", ListHead.LAYOUT);
    /** Size and members. */
    public static final StructLayout LAYOUT = S.build(8);

    private AnonVmaChain() {}
}
