package kemu.mm.file;

import kemu.hw.layout.Embedded;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.rcu.RcuHead;

/**
 * {@code struct radix_tree_node}: 64 slots for six bits of the index. An unused node has no occupied slot and count 0;
 * the slab's constructor makes it so and the tree gives it back so.
 */
final class RadixNode {
    /** Bits of the index that one level decodes. */
    static final int SHIFT = 6;
    /** Slots of a node. */
    static final int SIZE = 1 << SHIFT;

    private static final StructLayout.Builder S = StructLayout.struct("radix_tree_node");
    /** Levels from here down, 1 for a leaf. Constant while the node is in a tree. */
    static final I32Field HEIGHT = S.i32("height");
    /** Occupied slots. The tree's lock. */
    static final I32Field COUNT = S.i32("count");
    /** Node above, NULL for the top. The tree's lock. */
    static final RefField PARENT = S.ref("parent", RadixNode.class);
    /** This node's slot in {@link #PARENT}. The tree's lock. */
    static final I64Field OFFSET = S.i64("offset");
    /** For freeing after a grace period. */
    static final Embedded RCU = S.embed("rcu_head", RcuHead.LAYOUT);
    /** Nodes below, or items in a leaf. Written under the tree's lock with release, read under RCU. */
    static final Embedded SLOTS = S.cacheLine().words("slots", SIZE);
    /** Size and members. */
    static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    private RadixNode() {}

    /** Address of the slot that {@code index} selects in a node of {@code height}. */
    static long slot(long node, int height, long index) {
        return SLOTS.of(node) + 8 * (index >>> SHIFT * (height - 1) & SIZE - 1);
    }

    /** Largest index that a tree of {@code height} can hold. */
    static long maxIndex(int height) {
        return SHIFT * height >= Long.SIZE - 1 ? Long.MAX_VALUE : (1L << SHIFT * height) - 1;
    }
}
