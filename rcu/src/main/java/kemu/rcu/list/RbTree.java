package kemu.rcu.list;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;

/**
 * {@code struct rb_root}: an intrusive red-black tree. The caller searches for the place, links the node there with
 * {@link #linkNode}, then rebalances with {@link #insertColor}; the tree compares nothing.
 *
 * <p>Context: under the tree's lock; all accesses are plain. Depth is at most twice the logarithm of the number of
 * nodes. Source: names of Linux 6.1 include/linux/rbtree.h; the algorithm is the textbook's (Cormen et al., ch. 13),
 * without a sentinel.
 */
public final class RbTree {
    /** {@code struct rb_node}, at least 8-byte aligned: the parent's low bit holds the colour. */
    public static final class Node {
        private static final StructLayout.Builder S = StructLayout.struct("rb_node");
        /** Address of the parent, plus 1 if this node is black. Own address (red) while on no tree. */
        public static final I64Field PARENT_COLOR = S.i64("parent_color");
        /** Left child or NULL. */
        public static final RefField LEFT = S.ref("left", Node.class);
        /** Right child or NULL. */
        public static final RefField RIGHT = S.ref("right", Node.class);
        /** Size and members. */
        public static final StructLayout LAYOUT = S.build(8);

        private Node() {}
    }

    private static final StructLayout.Builder S = StructLayout.struct("rb_root");
    /** Topmost node or NULL. */
    public static final RefField NODE = S.ref("node", Node.class);
    /** Size and members. */
    public static final StructLayout LAYOUT = S.build(8);

    static final long BLACK = 1;
    static final long MARKED = 1;

    private RbTree() {}

    /** RB_ROOT: an empty tree. */
    public static void init(Cpu cpu, @Ref(RbTree.class) long root) {
        NODE.set(cpu, root, Cpu.NULL);
    }

    /** RB_EMPTY_ROOT: true if the tree has no node. */
    public static boolean empty(Cpu cpu, @Ref(RbTree.class) long root) {
        return NODE.get(cpu, root) == Cpu.NULL;
    }

    /** RB_CLEAR_NODE: marks {@code node} as being on no tree. */
    public static void clearNode(Cpu cpu, @Ref(Node.class) long node) {
        Node.PARENT_COLOR.set(cpu, node, node);
    }

    /** RB_EMPTY_NODE: true after {@link #clearNode}. */
    public static boolean nodeCleared(Cpu cpu, @Ref(Node.class) long node) {
        return Node.PARENT_COLOR.get(cpu, node) == node;
    }

    /** rb_parent: the parent, NULL for the topmost node. */
    public static @Ref(Node.class) long parent(Cpu cpu, @Ref(Node.class) long node) {
        return Node.PARENT_COLOR.get(cpu, node) & ~BLACK;
    }

    /** Left child or NULL. */
    public static @Ref(Node.class) long left(Cpu cpu, @Ref(Node.class) long node) {
        return Node.LEFT.get(cpu, node);
    }

    /** Right child or NULL. */
    public static @Ref(Node.class) long right(Cpu cpu, @Ref(Node.class) long node) {
        return Node.RIGHT.get(cpu, node);
    }

    /**
     * rb_link_node: hangs {@code node}, red and without children, under {@code parent}.
     *
     * @param link address of the child word of {@code parent} that the search ended at ({@code Node.LEFT.of(parent)} or
     *     {@code Node.RIGHT.of(parent)}), or of the root's word if the tree was empty and {@code parent} is NULL
     */
    public static void linkNode(Cpu cpu, @Ref(Node.class) long node, @Ref(Node.class) long parent, long link) {
        makeLeaf(cpu, node, parent);
        cpu.write64(link, node);
    }

    /** The first part of {@link #linkNode}: a red node without children, which its parent does not know yet. */
    public static void makeLeaf(Cpu cpu, @Ref(Node.class) long node, @Ref(Node.class) long parent) {
        Node.PARENT_COLOR.set(cpu, node, parent);
        Node.LEFT.set(cpu, node, Cpu.NULL);
        Node.RIGHT.set(cpu, node, Cpu.NULL);
    }

    /**
     * rb_link_node_rcu, of a leaf that is made already, in a tree of which readers go down without the lock. Between
     * the two the caller has a store fence: readers must find the node whole, by this link or by one that a rotation
     * has made after it, and neither orders anything.
     */
    public static void linkLeafRcu(Cpu cpu, @Ref(Node.class) long node, long link) {
        cpu.writeOnce64(link, node);
    }

    /**
     * The root to pass for a tree of which readers go down without the lock: children are written with WRITE_ONCE.
     * Readers never go in a circle, but may miss nodes while the tree is rotated.
     */
    public static @Ref(RbTree.class) long marked(@Ref(RbTree.class) long root) {
        return root | MARKED;
    }

    static void setTop(Cpu cpu, long root, long node) {
        if ((root & MARKED) == 0) {
            NODE.set(cpu, root, node);
        } else {
            NODE.writeOnce(cpu, root & ~MARKED, node);
        }
    }

    static void setLeft(Cpu cpu, long node, long child, long root) {
        if ((root & MARKED) == 0) {
            Node.LEFT.set(cpu, node, child);
        } else {
            Node.LEFT.writeOnce(cpu, node, child);
        }
    }

    static void setRight(Cpu cpu, long node, long child, long root) {
        if ((root & MARKED) == 0) {
            Node.RIGHT.set(cpu, node, child);
        } else {
            Node.RIGHT.writeOnce(cpu, node, child);
        }
    }

    /** rb_insert_color: restores balance after {@link #linkNode}. */
    public static void insertColor(Cpu cpu, @Ref(Node.class) long node, @Ref(RbTree.class) long root) {
        RbBalance.afterInsert(cpu, node, root);
    }

    /** rb_erase: removes {@code node}; its links keep stale values. */
    public static void erase(Cpu cpu, @Ref(Node.class) long node, @Ref(RbTree.class) long root) {
        RbBalance.erase(cpu, node, root);
    }

    /** rb_first: the leftmost node, or NULL. */
    public static @Ref(Node.class) long first(Cpu cpu, @Ref(RbTree.class) long root) {
        long node = NODE.get(cpu, root);
        return node == Cpu.NULL ? Cpu.NULL : leftmost(cpu, node);
    }

    /** rb_last: the rightmost node, or NULL. */
    public static @Ref(Node.class) long last(Cpu cpu, @Ref(RbTree.class) long root) {
        long node = NODE.get(cpu, root);
        return node == Cpu.NULL ? Cpu.NULL : rightmost(cpu, node);
    }

    /** rb_next: the next node in order, or NULL. */
    public static @Ref(Node.class) long next(Cpu cpu, @Ref(Node.class) long node) {
        long right = Node.RIGHT.get(cpu, node);
        if (right != Cpu.NULL) {
            return leftmost(cpu, right);
        }
        long child = node;
        long up = parent(cpu, child);
        // Ends: every step goes one level up.
        while (up != Cpu.NULL && Node.RIGHT.get(cpu, up) == child) {
            child = up;
            up = parent(cpu, up);
        }
        return up;
    }

    /** rb_prev: the previous node in order, or NULL. */
    public static @Ref(Node.class) long prev(Cpu cpu, @Ref(Node.class) long node) {
        long left = Node.LEFT.get(cpu, node);
        if (left != Cpu.NULL) {
            return rightmost(cpu, left);
        }
        long child = node;
        long up = parent(cpu, child);
        // Ends: every step goes one level up.
        while (up != Cpu.NULL && Node.LEFT.get(cpu, up) == child) {
            child = up;
            up = parent(cpu, up);
        }
        return up;
    }

    /** rb_replace_node: puts {@code fresh} where {@code victim} is, colour and children included. Keys must agree. */
    public static void replaceNode(
            Cpu cpu, @Ref(Node.class) long victim, @Ref(Node.class) long fresh, @Ref(RbTree.class) long root) {
        long left = Node.LEFT.get(cpu, victim);
        long right = Node.RIGHT.get(cpu, victim);
        Node.PARENT_COLOR.set(cpu, fresh, Node.PARENT_COLOR.get(cpu, victim));
        setLeft(cpu, fresh, left, root);
        setRight(cpu, fresh, right, root);
        if (left != Cpu.NULL) {
            RbBalance.setParent(cpu, left, fresh);
        }
        if (right != Cpu.NULL) {
            RbBalance.setParent(cpu, right, fresh);
        }
        RbBalance.replaceChild(cpu, parent(cpu, victim), victim, fresh, root);
    }

    /**
     * Checks links, colours and black heights of the whole tree; for tests and debugging.
     *
     * @return the black height, 0 for an empty tree
     * @throws kemu.hw.mem.KernelBug naming the first node that breaks a rule
     */
    public static int validate(Cpu cpu, @Ref(RbTree.class) long root) {
        long top = NODE.get(cpu, root);
        if (top != Cpu.NULL && (Node.PARENT_COLOR.get(cpu, top) & BLACK) == 0) {
            throw RbBalance.bug("red root", top);
        }
        return RbBalance.check(cpu, top, Cpu.NULL);
    }

    private static long leftmost(Cpu cpu, long from) {
        long node = from;
        long left = Node.LEFT.get(cpu, node);
        // Ends: every step goes one level down.
        while (left != Cpu.NULL) {
            node = left;
            left = Node.LEFT.get(cpu, node);
        }
        return node;
    }

    private static long rightmost(Cpu cpu, long from) {
        long node = from;
        long right = Node.RIGHT.get(cpu, node);
        // Ends: every step goes one level down.
        while (right != Cpu.NULL) {
            node = right;
            right = Node.RIGHT.get(cpu, node);
        }
        return node;
    }
}
