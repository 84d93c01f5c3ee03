package kemu.mm.rmap.index;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.StructLayout;
import kemu.mm.page.Page;
import kemu.mm.rmap.AnonVmaChain;
import kemu.mm.rmap.AnonVmaIndex;
import kemu.mm.types.AnonVma;
import kemu.mm.types.VmArea;
import kemu.rcu.list.RbTree;

/**
 * A tree by first page number, in which every node knows the last number of its subtree: a walk meets only VMAs that
 * cover its page. Equal numbers are in order of linking. The first word of {@code head} is the root. Source: Linux 3.7
 * mm/interval_tree.c and include/linux/interval_tree_generic.h.
 *
 * <p>Balance is restored first and {@code rb_subtree_last} after it, on the path to the root and of the children beside
 * it, which is where rotations have put what they took down.
 */
final class ChainIntervalTree implements AnonVmaIndex {
    /** Words behind those of a chain. */
    private static final class Words {
        private static final StructLayout.Builder S = StructLayout.struct("anon_vma_chain_rb");
        /** Node in the tree. The root's lock. */
        static final Embedded RB = S.embed("rb", RbTree.Node.LAYOUT);
        /** The last page number of the VMAs in the subtree. The root's lock. */
        static final I64Field RB_SUBTREE_LAST = S.i64("rb_subtree_last");
        /** Size and members. */
        static final StructLayout LAYOUT = S.build(8);

        private Words() {}
    }

    private static long nodeOf(long chain) {
        return Words.RB.of(chain + AnonVmaChain.LAYOUT.sizeBytes());
    }

    private static long chainOf(long node) {
        return node == Cpu.NULL ? Cpu.NULL : Words.RB.containerOf(node) - AnonVmaChain.LAYOUT.sizeBytes();
    }

    private static long vmaOf(Cpu cpu, long node) {
        return AnonVmaChain.VMA.get(cpu, chainOf(node));
    }

    private static long startOf(Cpu cpu, long node) {
        return VmArea.VM_PGOFF.readOnce(cpu, vmaOf(cpu, node));
    }

    private static long lastOf(Cpu cpu, long node) {
        long vma = vmaOf(cpu, node);
        long bytes = VmArea.VM_END.readOnce(cpu, vma) - VmArea.VM_START.readOnce(cpu, vma);
        return VmArea.VM_PGOFF.readOnce(cpu, vma) + (bytes >>> PAGE_SHIFT) - 1;
    }

    private static long subtreeLast(Cpu cpu, long node) {
        return Words.RB_SUBTREE_LAST.get(cpu, Words.RB.containerOf(node));
    }

    private static long rootOf(long anonVma) {
        return AnonVma.HEAD.of(anonVma);
    }

    @Override
    public int chainBytes() {
        return AnonVmaChain.LAYOUT.sizeBytes() + Words.LAYOUT.sizeBytes();
    }

    @Override
    public boolean keepsRanges() {
        return true;
    }

    @Override
    public void init(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        RbTree.init(cpu, rootOf(anonVma));
    }

    @Override
    public long emptyHead(@Ref(AnonVma.class) long anonVma) {
        return Cpu.NULL;
    }

    @Override
    public boolean empty(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        return RbTree.empty(cpu, rootOf(anonVma));
    }

    @Override
    public void insert(Cpu cpu, @Ref(AnonVmaChain.class) long chain, @Ref(AnonVma.class) long anonVma) {
        long node = nodeOf(chain);
        long start = startOf(cpu, node);
        long parent = Cpu.NULL;
        long link = RbTree.NODE.of(rootOf(anonVma));
        long at = RbTree.NODE.get(cpu, rootOf(anonVma));
        // Ends: every step goes one level down.
        while (at != Cpu.NULL) {
            parent = at;
            boolean left = start < startOf(cpu, at);
            link = left ? RbTree.Node.LEFT.of(at) : RbTree.Node.RIGHT.of(at);
            at = left ? RbTree.left(cpu, at) : RbTree.right(cpu, at);
        }
        RbTree.linkNode(cpu, node, parent, link);
        RbTree.insertColor(cpu, node, rootOf(anonVma));
        recomputeUp(cpu, node);
    }

    @Override
    public void remove(Cpu cpu, @Ref(AnonVmaChain.class) long chain, @Ref(AnonVma.class) long anonVma) {
        long node = nodeOf(chain);
        long lowest = RbTree.parent(cpu, node);
        if (RbTree.left(cpu, node) != Cpu.NULL && RbTree.right(cpu, node) != Cpu.NULL) {
            // The next one takes its place.
            long successor = RbTree.next(cpu, node);
            long parent = RbTree.parent(cpu, successor);
            lowest = parent == node ? successor : parent;
        }
        RbTree.erase(cpu, node, rootOf(anonVma));
        recomputeUp(cpu, lowest);
    }

    private static void recomputeUp(Cpu cpu, long lowest) {
        // Ends: every step goes one level up.
        for (long at = lowest; at != Cpu.NULL; at = RbTree.parent(cpu, at)) {
            recompute(cpu, RbTree.left(cpu, at));
            recompute(cpu, RbTree.right(cpu, at));
            recompute(cpu, at);
        }
    }

    private static void recompute(Cpu cpu, long node) {
        if (node == Cpu.NULL) {
            return;
        }
        long last = lastOf(cpu, node);
        long left = RbTree.left(cpu, node);
        long right = RbTree.right(cpu, node);
        last = left == Cpu.NULL ? last : Math.max(last, subtreeLast(cpu, left));
        last = right == Cpu.NULL ? last : Math.max(last, subtreeLast(cpu, right));
        Words.RB_SUBTREE_LAST.set(cpu, Words.RB.containerOf(node), last);
    }

    /** Order is by page number; mremap keeps walks out instead. */
    @Override
    public void moveToTail(Cpu cpu, @Ref(AnonVmaChain.class) long chain, @Ref(AnonVma.class) long anonVma) {
        // Nothing to move.
    }

    @Override
    public @Ref(AnonVmaChain.class) long first(Cpu cpu, @Ref(AnonVma.class) long anonVma, @Ref(Page.class) long page) {
        long index = Page.INDEX.readOnce(cpu, page);
        long top = RbTree.NODE.get(cpu, rootOf(anonVma));
        return top == Cpu.NULL || subtreeLast(cpu, top) < index ? Cpu.NULL : chainOf(search(cpu, top, index));
    }

    /**
     * subtree_search: the leftmost node below {@code top} that covers {@code index}; the last number is high enough.
     */
    private static long search(Cpu cpu, long top, long index) {
        long node = top;
        // Ends: every round goes one level down, or returns.
        while (true) {
            long left = RbTree.left(cpu, node);
            if (left != Cpu.NULL && subtreeLast(cpu, left) >= index) {
                node = left;
                continue;
            }
            if (startOf(cpu, node) > index) {
                return Cpu.NULL;
            }
            if (lastOf(cpu, node) >= index) {
                return node;
            }
            node = RbTree.right(cpu, node);
            if (node == Cpu.NULL || subtreeLast(cpu, node) < index) {
                return Cpu.NULL;
            }
        }
    }

    @Override
    public @Ref(AnonVmaChain.class) long next(
            Cpu cpu,
            @Ref(AnonVma.class) long anonVma,
            @Ref(AnonVmaChain.class) long chain,
            @Ref(Page.class) long page) {
        long index = Page.INDEX.readOnce(cpu, page);
        long node = nodeOf(chain);
        // Ends: every round goes up, or returns.
        while (true) {
            long right = RbTree.right(cpu, node);
            if (right != Cpu.NULL && subtreeLast(cpu, right) >= index) {
                return chainOf(search(cpu, right, index));
            }
            long child = node;
            node = RbTree.parent(cpu, child);
            // Ends: every step goes one level up.
            while (node != Cpu.NULL && RbTree.right(cpu, node) == child) {
                child = node;
                node = RbTree.parent(cpu, child);
            }
            if (node == Cpu.NULL || startOf(cpu, node) > index) {
                return Cpu.NULL;
            }
            if (lastOf(cpu, node) >= index) {
                return chainOf(node);
            }
        }
    }

    @Override
    public @Ref(AnonVmaChain.class) long firstOfAll(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        return chainOf(RbTree.first(cpu, rootOf(anonVma)));
    }

    @Override
    public @Ref(AnonVmaChain.class) long nextOfAll(
            Cpu cpu, @Ref(AnonVma.class) long anonVma, @Ref(AnonVmaChain.class) long chain) {
        return chainOf(RbTree.next(cpu, nodeOf(chain)));
    }
}
