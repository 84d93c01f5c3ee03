package kemu.mm.vma.lookup;

import kemu.hw.layout.Embedded;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.mm.types.VmArea;
import kemu.rcu.RcuHead;

/**
 * A node of a {@link RangeTree}. What readers read is constant from publication until the grace period after the node
 * has been replaced; the rest belongs to the writer.
 */
final class RangeNode {
    private static final StructLayout.Builder S = StructLayout.struct("vma_range_node");
    /** First byte. Constant. */
    static final I64Field START = S.i64("start");
    /** First byte after. Constant. */
    static final I64Field END = S.i64("end");
    /** The VMA of the range. Constant. */
    static final RefField VMA = S.ref("vma", VmArea.class);
    /** Ranges below. Constant. */
    static final RefField LEFT = S.ref("left", RangeNode.class);
    /** Ranges above. Constant. */
    static final RefField RIGHT = S.ref("right", RangeNode.class);
    /** No node below has a higher one. Writer. */
    static final I64Field PRIORITY = S.i64("priority");
    /** Next of the nodes made since the last publication. Writer. */
    static final RefField FRESH_NEXT = S.ref("fresh_next", RangeNode.class);
    /** Next of the nodes replaced since; 0 while this one is not. Writer. */
    static final I64Field DEAD_NEXT = S.i64("dead_next");
    /** For the free after a grace period. */
    static final Embedded RCU = S.embed("rcu", RcuHead.LAYOUT);
    /** Size and members. */
    static final StructLayout LAYOUT = S.build(8);

    private RangeNode() {}
}
