package kemu.mm.ksm;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.hw.mem.PhysMem;
import kemu.mm.types.AnonVma;
import kemu.mm.types.MmStruct;
import kemu.rcu.list.HList;
import kemu.rcu.list.RbTree;

/**
 * {@code struct rmap_item}: an address that was scanned. Source: Linux 2.6.36 mm/ksm.c, which lets some of the words
 * share memory.
 */
final class RmapItem {
    /** In {@link #ADDRESS}: the number of the round in which it was put in the unstable tree. */
    static final long SEQNR_MASK = 0xff;
    /** In {@link #ADDRESS}: it is in the unstable tree, or was in the last round. */
    static final long UNSTABLE_FLAG = 0x100;
    /** In {@link #ADDRESS}: it is on the list of a stable node. */
    static final long STABLE_FLAG = 0x200;

    private static final StructLayout.Builder S = StructLayout.struct("ksm_rmap_item");
    /** Next by address in its slot. ksm_thread_mutex. */
    static final RefField RMAP_LIST = S.ref("rmap_list", RmapItem.class);
    /** While stable: an anon_vma with a reference, whose VMAs may map the page. */
    static final RefField ANON_VMA = S.ref("anon_vma", AnonVma.class);
    /** What the page's contents were when they were last looked at. ksm_thread_mutex. */
    static final I64Field OLDCHECKSUM = S.i64("oldchecksum");
    /** Address space. Constant. */
    static final RefField MM = S.ref("mm", MmStruct.class);
    /** Address and flags. ksm_thread_mutex; whoever finds it on a stable node's list reads it. */
    static final I64Field ADDRESS = S.i64("address");
    /** Node in the unstable tree. ksm_thread_mutex. */
    static final Embedded NODE = S.embed("node", RbTree.Node.LAYOUT);
    /** The stable node. ksm_thread_mutex. */
    static final RefField HEAD = S.ref("head", StableNode.class);
    /** Link on the stable node's list. As {@link StableNode#HLIST}. */
    static final Embedded HLIST = S.embed("hlist", HList.LAYOUT);
    /** Size and members. */
    static final StructLayout LAYOUT = S.build(8);

    private RmapItem() {}

    /** get_address: without the flags. */
    static long address(Cpu cpu, @Ref(RmapItem.class) long item) {
        return ADDRESS.get(cpu, item) & -PhysMem.PAGE_SIZE;
    }

    /** in_stable_tree. */
    static boolean isStable(Cpu cpu, @Ref(RmapItem.class) long item) {
        return (ADDRESS.get(cpu, item) & STABLE_FLAG) != 0;
    }
}
