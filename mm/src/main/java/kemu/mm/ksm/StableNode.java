package kemu.mm.ksm;

import kemu.hw.layout.Embedded;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.mm.page.Page;
import kemu.rcu.list.HList;
import kemu.rcu.list.RbTree;

/**
 * {@code struct stable_node}: the place of a KSM page in the stable tree. It holds no reference on the page: whether
 * the page is still the one meant, its mapping tells. Source: Linux 2.6.36 mm/ksm.c.
 */
final class StableNode {
    private static final StructLayout.Builder S = StructLayout.struct("ksm_stable_node");
    /** Node in the stable tree. ksm_thread_mutex. */
    static final Embedded NODE = S.embed("node", RbTree.Node.LAYOUT);
    /** rmap_items of the addresses that share the page. Page lock, and ksm_thread_mutex to change it. */
    static final Embedded HLIST = S.embed("hlist", HList.Head.LAYOUT);
    /** The page (Linux: its frame number). Constant. */
    static final RefField KPFN = S.ref("kpfn", Page.class);
    /** Size and members. */
    static final StructLayout LAYOUT = S.build(8);

    private StableNode() {}
}
