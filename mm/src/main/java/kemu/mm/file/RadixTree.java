package kemu.mm.file;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.order.Barriers;
import kemu.kernel.locking.SpinLock;
import kemu.mm.slab.KmemCache;
import kemu.mm.slab.SlabAllocator;
import kemu.mm.uapi.Errno;
import kemu.rcu.Rcu;

/**
 * Radix trees from a 63-bit index to a non-NULL word. A tree is one word, the address of its top node, 0 if empty.
 *
 * <p>Lookups run under RCU, or under the lock of the tree's owner; changes under that lock. Every tree has at least one
 * node, so the top word never holds an item and the height is read from the node it belongs to. Nodes for an insertion
 * are allocated before the lock is taken: {@link #insert} says how many it lacks.
 *
 * <p>Ordering: a slot is stored with release, so a reader that finds an item sees what was written to it before.
 * Source: Linux 2.6.36 lib/radix-tree.c; no tags, and a chain of spare nodes instead of per-CPU preloading.
 */
public final class RadixTree {
    /** Storing a slot or the top word; pairs with the address dependency of the lookup. */
    private static final int PUBLISH = Barriers.release("radix_tree.slot");

    private final Rcu rcu;
    private final KmemCache nodes;
    private final int freeCallback;

    /** Makes the node cache. Boot only. */
    RadixTree(Machine machine, Rcu rcu, SlabAllocator slabs) {
        this.rcu = rcu;
        nodes = slabs.create(
                machine.bootCpu(), "radix_tree_node", RadixNode.LAYOUT.sizeBytes(), 64, 0, RadixTree::construct);
        freeCallback = rcu.registerCallback("radix_tree_node_rcu_free", this::freeNode);
    }

    private static void construct(Cpu cpu, long node) {
        for (int at = 0; at < RadixNode.LAYOUT.sizeBytes(); at += 8) {
            cpu.write64(node + at, 0);
        }
    }

    /** radix_tree_node_rcu_free: nobody reads the node any more; a shrunken top still points to its child. */
    private void freeNode(Cpu cpu, long head) {
        long node = RadixNode.RCU.containerOf(head);
        cpu.write64(RadixNode.SLOTS.of(node), 0);
        RadixNode.COUNT.set(cpu, node, 0);
        nodes.free(cpu, node);
    }

    /** radix_tree_lookup_slot: address of the word that holds the item, or NULL. Context: RCU reader or tree lock. */
    static long lookupSlot(Cpu cpu, long root, long index) {
        long node = cpu.loadDependent64(root);
        if (node == Cpu.NULL) {
            return Cpu.NULL;
        }
        int height = RadixNode.HEIGHT.get(cpu, node);
        if (index > RadixNode.maxIndex(height)) {
            return Cpu.NULL;
        }
        long slot = RadixNode.slot(node, height, index);
        while (height > 1) {
            node = cpu.loadDependent64(slot);
            if (node == Cpu.NULL) {
                return Cpu.NULL;
            }
            height--;
            slot = RadixNode.slot(node, height, index);
        }
        return slot;
    }

    /** radix_tree_lookup: the item, or NULL. Context: RCU reader or tree lock. */
    static long lookup(Cpu cpu, long root, long index) {
        long slot = lookupSlot(cpu, root, index);
        return slot == Cpu.NULL ? Cpu.NULL : cpu.loadDependent64(slot);
    }

    /**
     * radix_tree_insert. Context: tree lock.
     *
     * @param spares chain of nodes made by {@link #allocate}, or NULL; its first node is used last, see
     *     {@link #leftover}
     * @return 0, -EEXIST, or the number of spare nodes it needs, in which case nothing changed
     */
    int insert(Cpu cpu, long root, long index, long item, @Ref(RadixNode.class) long spares) {
        int needed = needed(cpu, root, index);
        if (needed > length(cpu, spares, needed)) {
            return needed;
        }
        grow(cpu, root, index, spares);
        long node = cpu.read64(root);
        int height = RadixNode.HEIGHT.get(cpu, node);
        while (height > 1) {
            long slot = RadixNode.slot(node, height, index);
            long child = cpu.read64(slot);
            height--;
            if (child == Cpu.NULL) {
                child = pop(cpu, spares, height);
                attach(cpu, node, slot, child);
            }
            node = child;
        }
        long slot = RadixNode.slot(node, 1, index);
        if (cpu.read64(slot) != Cpu.NULL) {
            return Errno.EEXIST;
        }
        RadixNode.COUNT.set(cpu, node, RadixNode.COUNT.get(cpu, node) + 1);
        cpu.storeRelease64(slot, item, PUBLISH);
        return 0;
    }

    /**
     * Inserts under {@code lock} (taken here with interrupts disabled), allocating nodes with {@code gfp} while it is
     * not held.
     *
     * @return 0, -EEXIST or -ENOMEM
     */
    int store(Cpu cpu, long root, @Ref(SpinLock.class) long lock, long index, long item, int gfp) {
        long spares = Cpu.NULL;
        // Ends: a round adds the nodes that the last one lacked; a tree has few levels.
        while (true) {
            SpinLock.lockIrq(cpu, lock);
            int result = insert(cpu, root, index, item, spares);
            long left = leftover(cpu, spares);
            SpinLock.unlockIrq(cpu, lock);
            if (result <= 0) {
                release(cpu, left);
                return result;
            }
            spares = allocate(cpu, spares, result - length(cpu, spares, result), gfp);
            if (spares == Cpu.NULL) {
                return Errno.ENOMEM;
            }
        }
    }

    /** Nodes missing on the path to {@code index}. Context: tree lock. */
    private static int needed(Cpu cpu, long root, long index) {
        long node = cpu.read64(root);
        if (node == Cpu.NULL) {
            return heightFor(index);
        }
        int height = RadixNode.HEIGHT.get(cpu, node);
        int target = Math.max(height, heightFor(index));
        if (target > height) {
            // New tops down to the old one, and a path of its own below the first of them.
            return target - height + target - 1;
        }
        while (height > 1) {
            node = cpu.read64(RadixNode.slot(node, height, index));
            if (node == Cpu.NULL) {
                return height - 1;
            }
            height--;
        }
        return 0;
    }

    private static int heightFor(long index) {
        int height = 1;
        while (index > RadixNode.maxIndex(height)) {
            height++;
        }
        return height;
    }

    /** radix_tree_extend: makes the tree high enough. */
    private static void grow(Cpu cpu, long root, long index, long spares) {
        int target = heightFor(index);
        long top = cpu.read64(root);
        if (top == Cpu.NULL) {
            top = pop(cpu, spares, target);
            cpu.storeRelease64(root, top, PUBLISH);
        }
        // Ends: every round adds a level.
        while (RadixNode.HEIGHT.get(cpu, top) < target) {
            long above = pop(cpu, spares, RadixNode.HEIGHT.get(cpu, top) + 1);
            attach(cpu, above, RadixNode.SLOTS.of(above), top);
            cpu.storeRelease64(root, above, PUBLISH);
            top = above;
        }
    }

    private static void attach(Cpu cpu, long parent, long slot, long child) {
        RadixNode.PARENT.set(cpu, child, parent);
        RadixNode.OFFSET.set(cpu, child, slot - RadixNode.SLOTS.of(parent) >>> 3);
        RadixNode.COUNT.set(cpu, parent, RadixNode.COUNT.get(cpu, parent) + 1);
        cpu.storeRelease64(slot, child, PUBLISH);
    }

    /** Takes a node off the chain, the first one last, for use at {@code height}. */
    private static long pop(Cpu cpu, long spares, int height) {
        long node = RadixNode.PARENT.get(cpu, spares);
        if (node == Cpu.NULL) {
            node = spares;
        } else {
            RadixNode.PARENT.set(cpu, spares, RadixNode.PARENT.get(cpu, node));
        }
        RadixNode.PARENT.set(cpu, node, Cpu.NULL);
        RadixNode.HEIGHT.set(cpu, node, height);
        return node;
    }

    /** What is left of the chain after an insertion, for {@link #release}. Context: tree lock not dropped since. */
    static @Ref(RadixNode.class) long leftover(Cpu cpu, @Ref(RadixNode.class) long spares) {
        return spares == Cpu.NULL || RadixNode.COUNT.get(cpu, spares) != 0 ? Cpu.NULL : spares;
    }

    private static int length(Cpu cpu, long spares, int enough) {
        int length = 0;
        for (long node = spares; node != Cpu.NULL && length < enough; node = RadixNode.PARENT.get(cpu, node)) {
            length++;
        }
        return length;
    }

    /**
     * Adds {@code more} nodes to the chain {@code spares}.
     *
     * @return the chain, or NULL if memory is out, in which case the whole chain is freed
     */
    @Ref(RadixNode.class)
    long allocate(Cpu cpu, @Ref(RadixNode.class) long spares, int more, int gfp) {
        long chain = spares;
        for (int i = 0; i < more; i++) {
            long node = nodes.alloc(cpu, gfp);
            if (node == Cpu.NULL) {
                release(cpu, chain);
                return Cpu.NULL;
            }
            RadixNode.PARENT.set(cpu, node, chain);
            chain = node;
        }
        return chain;
    }

    /** Frees a chain of spare nodes. */
    void release(Cpu cpu, @Ref(RadixNode.class) long spares) {
        long node = spares;
        while (node != Cpu.NULL) {
            long next = RadixNode.PARENT.get(cpu, node);
            nodes.free(cpu, node);
            node = next;
        }
    }

    /** radix_tree_replace_slot: {@code item} in place of what is there. Context: tree lock. */
    static void replace(Cpu cpu, long root, long index, long item) {
        cpu.storeRelease64(lookupSlot(cpu, root, index), item, PUBLISH);
    }

    /** radix_tree_delete: removes and returns the item, or NULL. Empty nodes and levels go. Context: tree lock. */
    long delete(Cpu cpu, long root, long index) {
        long slot = lookupSlot(cpu, root, index);
        long item = slot == Cpu.NULL ? Cpu.NULL : cpu.read64(slot);
        if (item == Cpu.NULL) {
            return Cpu.NULL;
        }
        long node = slot - 8 * (index & RadixNode.SIZE - 1) - RadixNode.SLOTS.offset();
        cpu.writeOnce64(slot, Cpu.NULL);
        // Ends: every round goes up a level.
        while (drop(cpu, node) == 0) {
            long parent = RadixNode.PARENT.get(cpu, node);
            long offset = RadixNode.OFFSET.get(cpu, node);
            cpu.writeOnce64(parent == Cpu.NULL ? root : RadixNode.SLOTS.of(parent) + 8 * offset, Cpu.NULL);
            rcu.callRcu(cpu, RadixNode.RCU.of(node), freeCallback);
            if (parent == Cpu.NULL) {
                return item;
            }
            node = parent;
        }
        shrink(cpu, root);
        return item;
    }

    private static int drop(Cpu cpu, long node) {
        int count = RadixNode.COUNT.get(cpu, node) - 1;
        RadixNode.COUNT.set(cpu, node, count);
        return count;
    }

    /**
     * radix_tree_shrink: a top whose only child is the first gives way to it. Readers on the old top still get there.
     */
    private void shrink(Cpu cpu, long root) {
        long top = cpu.read64(root);
        while (RadixNode.HEIGHT.get(cpu, top) > 1 && RadixNode.COUNT.get(cpu, top) == 1) {
            long child = cpu.read64(RadixNode.SLOTS.of(top));
            if (child == Cpu.NULL) {
                return;
            }
            RadixNode.PARENT.set(cpu, child, Cpu.NULL);
            cpu.storeRelease64(root, child, PUBLISH);
            rcu.callRcu(cpu, RadixNode.RCU.of(top), freeCallback);
            top = child;
        }
    }

    /** Index of the first item at or above {@code from}, or -1. Context: tree lock. */
    static long next(Cpu cpu, long root, long from) {
        long index = from;
        long top = cpu.read64(root);
        if (top == Cpu.NULL) {
            return -1;
        }
        long last = RadixNode.maxIndex(RadixNode.HEIGHT.get(cpu, top));
        // Ends: every round moves the index up.
        while (index >= 0 && index <= last) {
            long node = top;
            int height = RadixNode.HEIGHT.get(cpu, top);
            long below = cpu.read64(RadixNode.slot(node, height, index));
            while (below != Cpu.NULL && height > 1) {
                node = below;
                height--;
                below = cpu.read64(RadixNode.slot(node, height, index));
            }
            if (below != Cpu.NULL) {
                return index;
            }
            int shift = RadixNode.SHIFT * (height - 1);
            index = (index >>> shift) + 1 << shift;
        }
        return -1;
    }
}
