package kemu.mm.vma.lookup;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.hw.mem.PhysMem;
import kemu.mm.page.Gfp;
import kemu.mm.slab.KmemCache;
import kemu.mm.slab.SlabAllocator;
import kemu.mm.types.VmArea;
import kemu.rcu.Rcu;

/**
 * A map from ranges of addresses to VMAs that readers walk under RCU while a writer changes it: nodes are never
 * changed, but replaced from the root down by one store, and freed after a grace period. A store of a range overwrites
 * what was there, as that of the maple tree does whose place it takes.
 *
 * <p>The tree is a treap whose priorities are a hash of the addresses: its depth is logarithmic unless somebody solves
 * the hash. Context: readers in an RCU reader; writers under a lock of their own. Source: the interface of Linux 6.1
 * lib/maple_tree.c, mas_walk() and mas_store_gfp(); the algorithm is that of Seidel and Aragon (1996), with path
 * copying.
 */
final class RangeTree {
    private static final StructLayout.Builder S = StructLayout.struct("vma_range_tree");
    /** What readers see. Published with release. */
    static final RefField ROOT = S.ref("root", RangeNode.class);
    /** What the next publication will make of it. Writer; only if {@link #CHANGED}. */
    static final RefField PENDING = S.ref("pending", RangeNode.class);
    /** Nodes made since the last publication. Writer. */
    static final RefField FRESH = S.ref("fresh", RangeNode.class);
    /** Nodes replaced since, a list that ends with {@link #LAST}. Writer. */
    static final I64Field DEAD = S.i64("dead");
    /** 1 if something is stored and not yet published. Writer. */
    static final I64Field CHANGED = S.i64("changed");
    /** Size and members. */
    static final StructLayout LAYOUT = S.build(8);

    /** What a function returns that has found no memory; no node lies there. */
    private static final long FAILED = -1;
    /** The end of the list of dead nodes, whose members have a next one, too. */
    private static final long LAST = 1;

    private static final long HASH = 0x9e37_79b9_7f4a_7c15L;

    private final Rcu rcu;
    private final KmemCache nodes;
    private final int freeNode;

    /** Trees with nodes of {@code slabs}. Boot only. */
    RangeTree(Cpu boot, Rcu rcu, SlabAllocator slabs) {
        this.rcu = rcu;
        nodes = slabs.create(boot, "vma_range_node", RangeNode.LAYOUT.sizeBytes(), 8, SlabAllocator.SLAB_PANIC, null);
        freeNode = rcu.registerCallback("vma_range_node_free", this::free);
    }

    private void free(Cpu cpu, long head) {
        nodes.free(cpu, RangeNode.RCU.containerOf(head));
    }

    /** mas_walk: the VMA of {@code address}, or NULL. Context: RCU reader. */
    @Ref(VmArea.class)
    long find(Cpu cpu, @Ref(RangeTree.class) long tree, long address) {
        long node = seek(cpu, tree, address);
        return node == Cpu.NULL ? Cpu.NULL : vmaOf(cpu, node);
    }

    /** The VMA of {@code node}. Context: the RCU reader that has found it, or whoever keeps writers away. */
    static @Ref(VmArea.class) long vmaOf(Cpu cpu, @Ref(RangeNode.class) long node) {
        return RangeNode.VMA.get(cpu, node);
    }

    /** The node of {@code address}, or NULL. Context: RCU reader. */
    @Ref(RangeNode.class)
    long seek(Cpu cpu, @Ref(RangeTree.class) long tree, long address) {
        return descend(cpu, rcu.dereference(cpu, ROOT.of(tree)), address);
    }

    /** The same with the root by rcu_dereference_check. Context: a lock that keeps writers away. */
    @Ref(RangeNode.class)
    static long seekLocked(Cpu cpu, @Ref(RangeTree.class) long tree, long address) {
        return descend(cpu, cpu.loadDependent64(ROOT.of(tree)), address);
    }

    private static long descend(Cpu cpu, long root, long address) {
        long node = root;
        // Ends: every round goes one level down.
        while (node != Cpu.NULL) {
            if (address < RangeNode.START.get(cpu, node)) {
                node = RangeNode.LEFT.get(cpu, node);
            } else if (address >= RangeNode.END.get(cpu, node)) {
                node = RangeNode.RIGHT.get(cpu, node);
            } else {
                return node;
            }
        }
        return Cpu.NULL;
    }

    /**
     * Lets [start, end) belong to {@code vma}, or to nobody if that is NULL, once it is published; true, or false if
     * memory is out: then all that is not published is forgotten. Context: may sleep.
     */
    boolean store(Cpu cpu, @Ref(RangeTree.class) long tree, long start, long end, @Ref(VmArea.class) long vma) {
        long old = CHANGED.get(cpu, tree) == 0 ? ROOT.get(cpu, tree) : PENDING.get(cpu, tree);
        CHANGED.set(cpu, tree, 1);
        long low = below(cpu, tree, old, start);
        long high = above(cpu, tree, old, end);
        buryBetween(cpu, tree, old, start, end);
        if (low != FAILED && high != FAILED && vma != Cpu.NULL) {
            long middle = make(cpu, tree, start, end, vma, priority(start));
            low = middle == FAILED ? FAILED : merge(cpu, tree, low, middle);
        }
        long root = low == FAILED || high == FAILED ? FAILED : merge(cpu, tree, low, high);
        if (root == FAILED) {
            forget(cpu, tree);
            return false;
        }
        PENDING.set(cpu, tree, root);
        return true;
    }

    /**
     * The same for a range above all others of a tree that nobody has seen yet: nothing is copied. True, or false with
     * all forgotten.
     */
    boolean append(Cpu cpu, @Ref(RangeTree.class) long tree, long start, long end, @Ref(VmArea.class) long vma) {
        long top = CHANGED.get(cpu, tree) == 0 ? Cpu.NULL : PENDING.get(cpu, tree);
        CHANGED.set(cpu, tree, 1);
        long node = make(cpu, tree, start, end, vma, priority(start));
        if (node == FAILED) {
            forget(cpu, tree);
            return false;
        }
        long above = Cpu.NULL;
        long at = top;
        // Ends: every round goes one level down.
        while (at != Cpu.NULL && RangeNode.PRIORITY.get(cpu, at) >= RangeNode.PRIORITY.get(cpu, node)) {
            above = at;
            at = RangeNode.RIGHT.get(cpu, at);
        }
        RangeNode.LEFT.set(cpu, node, at);
        if (above != Cpu.NULL) {
            RangeNode.RIGHT.set(cpu, above, node);
        }
        PENDING.set(cpu, tree, above == Cpu.NULL ? node : top);
        return true;
    }

    /** Makes what was stored visible to readers; what it has replaced is freed after a grace period. */
    void publish(Cpu cpu, @Ref(RangeTree.class) long tree) {
        if (CHANGED.get(cpu, tree) == 0) {
            return;
        }
        rcu.assignPointer(cpu, ROOT.of(tree), PENDING.get(cpu, tree));
        CHANGED.set(cpu, tree, 0);
        FRESH.set(cpu, tree, Cpu.NULL);
        long node = DEAD.get(cpu, tree);
        DEAD.set(cpu, tree, LAST);
        // Ends: the list is finite.
        while (node != LAST) {
            long next = RangeNode.DEAD_NEXT.get(cpu, node);
            rcu.callRcu(cpu, RangeNode.RCU.of(node), freeNode);
            node = next;
        }
    }

    /** Forgets what was stored since the last publication. */
    void forget(Cpu cpu, @Ref(RangeTree.class) long tree) {
        CHANGED.set(cpu, tree, 0);
        long dead = DEAD.get(cpu, tree);
        DEAD.set(cpu, tree, LAST);
        // Ends: the list is finite.
        while (dead != LAST) {
            long next = RangeNode.DEAD_NEXT.get(cpu, dead);
            RangeNode.DEAD_NEXT.set(cpu, dead, 0);
            dead = next;
        }
        long fresh = FRESH.get(cpu, tree);
        FRESH.set(cpu, tree, Cpu.NULL);
        while (fresh != Cpu.NULL) {
            long next = RangeNode.FRESH_NEXT.get(cpu, fresh);
            nodes.free(cpu, fresh);
            fresh = next;
        }
    }

    /** An empty tree. */
    void init(Cpu cpu, @Ref(RangeTree.class) long tree) {
        ROOT.set(cpu, tree, Cpu.NULL);
        FRESH.set(cpu, tree, Cpu.NULL);
        DEAD.set(cpu, tree, LAST);
        CHANGED.set(cpu, tree, 0);
    }

    /** mt_destroy: frees all nodes at once. Context: nobody walks the tree any more. */
    void destroy(Cpu cpu, @Ref(RangeTree.class) long tree) {
        long root = ROOT.get(cpu, tree);
        ROOT.set(cpu, tree, Cpu.NULL);
        destroyBelow(cpu, root);
    }

    private void destroyBelow(Cpu cpu, long node) {
        if (node != Cpu.NULL) {
            destroyBelow(cpu, RangeNode.LEFT.get(cpu, node));
            destroyBelow(cpu, RangeNode.RIGHT.get(cpu, node));
            nodes.free(cpu, node);
        }
    }

    // ---- path copying ---------------------------------------------------------------------------------------------

    /** Ranges below {@code limit}; one that goes on above it is cut. */
    private long below(Cpu cpu, long tree, long node, long limit) {
        if (node == Cpu.NULL) {
            return Cpu.NULL;
        }
        if (RangeNode.START.get(cpu, node) >= limit) {
            return below(cpu, tree, RangeNode.LEFT.get(cpu, node), limit);
        }
        long end = RangeNode.END.get(cpu, node);
        long right = RangeNode.RIGHT.get(cpu, node);
        long rest = end > limit ? Cpu.NULL : below(cpu, tree, right, limit);
        if (end <= limit && rest == right) {
            return node;
        }
        long start = RangeNode.START.get(cpu, node);
        return copy(cpu, tree, node, start, Math.min(end, limit), RangeNode.LEFT.get(cpu, node), rest);
    }

    /** Ranges above {@code limit}; one that begins below it is cut. */
    private long above(Cpu cpu, long tree, long node, long limit) {
        if (node == Cpu.NULL) {
            return Cpu.NULL;
        }
        if (RangeNode.END.get(cpu, node) <= limit) {
            return above(cpu, tree, RangeNode.RIGHT.get(cpu, node), limit);
        }
        long start = RangeNode.START.get(cpu, node);
        long left = RangeNode.LEFT.get(cpu, node);
        long rest = start < limit ? Cpu.NULL : above(cpu, tree, left, limit);
        if (start >= limit && rest == left) {
            return node;
        }
        long end = RangeNode.END.get(cpu, node);
        return copy(cpu, tree, node, Math.max(start, limit), end, rest, RangeNode.RIGHT.get(cpu, node));
    }

    /** One tree of two, all of {@code low} being below all of {@code high}. */
    private long merge(Cpu cpu, long tree, long low, long high) {
        if (low == Cpu.NULL || high == Cpu.NULL) {
            return low == Cpu.NULL ? high : low;
        }
        boolean lowOnTop = RangeNode.PRIORITY.get(cpu, low) > RangeNode.PRIORITY.get(cpu, high);
        long top = lowOnTop ? low : high;
        long left = RangeNode.LEFT.get(cpu, top);
        long right = RangeNode.RIGHT.get(cpu, top);
        long merged = lowOnTop ? merge(cpu, tree, right, high) : merge(cpu, tree, low, left);
        return copy(
                cpu,
                tree,
                top,
                RangeNode.START.get(cpu, top),
                RangeNode.END.get(cpu, top),
                lowOnTop ? left : merged,
                lowOnTop ? merged : right);
    }

    /** A node like {@code node}, which it replaces. */
    private long copy(Cpu cpu, long tree, long node, long start, long end, long left, long right) {
        if (left == FAILED || right == FAILED) {
            return FAILED;
        }
        long copy = make(cpu, tree, start, end, RangeNode.VMA.get(cpu, node), RangeNode.PRIORITY.get(cpu, node));
        if (copy != FAILED) {
            RangeNode.LEFT.set(cpu, copy, left);
            RangeNode.RIGHT.set(cpu, copy, right);
            bury(cpu, tree, node);
        }
        return copy;
    }

    private long make(Cpu cpu, long tree, long start, long end, long vma, long priority) {
        long node = nodes.alloc(cpu, Gfp.KERNEL);
        if (node == Cpu.NULL) {
            return FAILED;
        }
        RangeNode.START.set(cpu, node, start);
        RangeNode.END.set(cpu, node, end);
        RangeNode.VMA.set(cpu, node, vma);
        RangeNode.LEFT.set(cpu, node, Cpu.NULL);
        RangeNode.RIGHT.set(cpu, node, Cpu.NULL);
        RangeNode.PRIORITY.set(cpu, node, priority);
        RangeNode.DEAD_NEXT.set(cpu, node, 0);
        RangeNode.FRESH_NEXT.set(cpu, node, FRESH.get(cpu, tree));
        FRESH.set(cpu, tree, node);
        return node;
    }

    /** The node will not be in the next tree. A path may meet it twice. */
    private static void bury(Cpu cpu, long tree, long node) {
        if (RangeNode.DEAD_NEXT.get(cpu, node) == 0) {
            RangeNode.DEAD_NEXT.set(cpu, node, DEAD.get(cpu, tree));
            DEAD.set(cpu, tree, node);
        }
    }

    /** Buries the nodes of ranges that reach into [start, end): none of them goes on as it is. */
    private static void buryBetween(Cpu cpu, long tree, long node, long start, long end) {
        if (node == Cpu.NULL) {
            return;
        }
        boolean reachesAbove = RangeNode.END.get(cpu, node) > start;
        boolean beginsBelow = RangeNode.START.get(cpu, node) < end;
        if (reachesAbove) {
            buryBetween(cpu, tree, RangeNode.LEFT.get(cpu, node), start, end);
        }
        if (beginsBelow) {
            buryBetween(cpu, tree, RangeNode.RIGHT.get(cpu, node), start, end);
        }
        if (reachesAbove && beginsBelow) {
            bury(cpu, tree, node);
        }
    }

    private static long priority(long start) {
        long mixed = (start >>> PhysMem.PAGE_SHIFT) * HASH;
        return (mixed ^ mixed >>> 32) * HASH >>> 1;
    }
}
