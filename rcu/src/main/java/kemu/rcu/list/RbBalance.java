package kemu.rcu.list;

import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.rcu.list.RbTree.Node;

/** Rotations and recolouring of {@link RbTree}, and the check of its invariants. */
final class RbBalance {
    private RbBalance() {}

    static void setParent(Cpu cpu, long node, long parent) {
        Node.PARENT_COLOR.set(cpu, node, parent | (Node.PARENT_COLOR.get(cpu, node) & RbTree.BLACK));
    }

    /** NULL counts as black. */
    private static boolean isBlack(Cpu cpu, long node) {
        return node == Cpu.NULL || (Node.PARENT_COLOR.get(cpu, node) & RbTree.BLACK) != 0;
    }

    private static void setBlack(Cpu cpu, long node) {
        Node.PARENT_COLOR.set(cpu, node, Node.PARENT_COLOR.get(cpu, node) | RbTree.BLACK);
    }

    private static void setRed(Cpu cpu, long node) {
        Node.PARENT_COLOR.set(cpu, node, Node.PARENT_COLOR.get(cpu, node) & ~RbTree.BLACK);
    }

    /** Lets {@code parent}, or the root if it is NULL, point to {@code fresh} instead of {@code old}. */
    static void replaceChild(Cpu cpu, long parent, long old, long fresh, long root) {
        if (parent == Cpu.NULL) {
            RbTree.setTop(cpu, root, fresh);
        } else if (Node.LEFT.get(cpu, parent) == old) {
            RbTree.setLeft(cpu, parent, fresh, root);
        } else {
            RbTree.setRight(cpu, parent, fresh, root);
        }
    }

    private static void rotateLeft(Cpu cpu, long node, long root) {
        long pivot = Node.RIGHT.get(cpu, node);
        long inner = Node.LEFT.get(cpu, pivot);
        long parent = RbTree.parent(cpu, node);
        RbTree.setRight(cpu, node, inner, root);
        if (inner != Cpu.NULL) {
            setParent(cpu, inner, node);
        }
        setParent(cpu, pivot, parent);
        replaceChild(cpu, parent, node, pivot, root);
        RbTree.setLeft(cpu, pivot, node, root);
        setParent(cpu, node, pivot);
    }

    private static void rotateRight(Cpu cpu, long node, long root) {
        long pivot = Node.LEFT.get(cpu, node);
        long inner = Node.RIGHT.get(cpu, pivot);
        long parent = RbTree.parent(cpu, node);
        RbTree.setLeft(cpu, node, inner, root);
        if (inner != Cpu.NULL) {
            setParent(cpu, inner, node);
        }
        setParent(cpu, pivot, parent);
        replaceChild(cpu, parent, node, pivot, root);
        RbTree.setRight(cpu, pivot, node, root);
        setParent(cpu, node, pivot);
    }

    private static void rotate(Cpu cpu, long node, boolean left, long root) {
        if (left) {
            rotateLeft(cpu, node, root);
        } else {
            rotateRight(cpu, node, root);
        }
    }

    static void afterInsert(Cpu cpu, long inserted, long root) {
        long node = inserted;
        long parent = RbTree.parent(cpu, node);
        // Ends: each round goes two levels up, or rotates and stops.
        while (!isBlack(cpu, parent)) {
            // A red parent is not the topmost node, so there is a grandparent.
            long grand = RbTree.parent(cpu, parent);
            boolean onLeft = Node.LEFT.get(cpu, grand) == parent;
            long uncle = onLeft ? Node.RIGHT.get(cpu, grand) : Node.LEFT.get(cpu, grand);
            if (!isBlack(cpu, uncle)) {
                setBlack(cpu, parent);
                setBlack(cpu, uncle);
                setRed(cpu, grand);
                node = grand;
                parent = RbTree.parent(cpu, node);
                continue;
            }
            if (node == (onLeft ? Node.RIGHT.get(cpu, parent) : Node.LEFT.get(cpu, parent))) {
                rotate(cpu, parent, onLeft, root);
                parent = node;
            }
            setBlack(cpu, parent);
            setRed(cpu, grand);
            rotate(cpu, grand, !onLeft, root);
            break;
        }
        setBlack(cpu, RbTree.NODE.get(cpu, root & ~RbTree.MARKED));
    }

    static void erase(Cpu cpu, long node, long root) {
        long left = Node.LEFT.get(cpu, node);
        long right = Node.RIGHT.get(cpu, node);
        if (left != Cpu.NULL && right != Cpu.NULL) {
            eraseInner(cpu, node, root);
            return;
        }
        long child = left != Cpu.NULL ? left : right;
        long parent = RbTree.parent(cpu, node);
        boolean black = isBlack(cpu, node);
        replaceChild(cpu, parent, node, child, root);
        if (child != Cpu.NULL) {
            setParent(cpu, child, parent);
        }
        if (black) {
            afterErase(cpu, child, parent, root);
        }
    }

    /** A node with two children: its successor, which has no left child, leaves its own place and takes this one. */
    private static void eraseInner(Cpu cpu, long node, long root) {
        long successor = RbTree.next(cpu, node);
        long child = Node.RIGHT.get(cpu, successor);
        long parent = RbTree.parent(cpu, successor);
        boolean black = isBlack(cpu, successor);
        replaceChild(cpu, parent, successor, child, root);
        if (child != Cpu.NULL) {
            setParent(cpu, child, parent);
        }
        RbTree.replaceNode(cpu, node, successor, root);
        if (black) {
            afterErase(cpu, child, parent == node ? successor : parent, root);
        }
    }

    /** Paths through {@code start}, child of {@code startParent} and perhaps NULL, lack one black node. */
    private static void afterErase(Cpu cpu, long start, long startParent, long root) {
        long node = start;
        long parent = startParent;
        // Ends: each round goes one level up, turns a red sibling black, or rotates and stops.
        while (parent != Cpu.NULL && isBlack(cpu, node)) {
            boolean onLeft = Node.LEFT.get(cpu, parent) == node;
            long sibling = onLeft ? Node.RIGHT.get(cpu, parent) : Node.LEFT.get(cpu, parent);
            if (!isBlack(cpu, sibling)) {
                setBlack(cpu, sibling);
                setRed(cpu, parent);
                rotate(cpu, parent, onLeft, root);
                sibling = onLeft ? Node.RIGHT.get(cpu, parent) : Node.LEFT.get(cpu, parent);
            }
            long near = onLeft ? Node.LEFT.get(cpu, sibling) : Node.RIGHT.get(cpu, sibling);
            long far = onLeft ? Node.RIGHT.get(cpu, sibling) : Node.LEFT.get(cpu, sibling);
            if (isBlack(cpu, near) && isBlack(cpu, far)) {
                setRed(cpu, sibling);
                node = parent;
                parent = RbTree.parent(cpu, node);
                continue;
            }
            if (isBlack(cpu, far)) {
                setBlack(cpu, near);
                setRed(cpu, sibling);
                rotate(cpu, sibling, !onLeft, root);
                far = sibling;
                sibling = near;
            }
            Node.PARENT_COLOR.set(
                    cpu, sibling, RbTree.parent(cpu, sibling) | (isBlack(cpu, parent) ? RbTree.BLACK : 0));
            setBlack(cpu, parent);
            setBlack(cpu, far);
            rotate(cpu, parent, onLeft, root);
            return;
        }
        if (node != Cpu.NULL) {
            setBlack(cpu, node);
        }
    }

    /** The black height of the subtree at {@code node}; throws if it breaks a rule. */
    static int check(Cpu cpu, long node, long parent) {
        if (node == Cpu.NULL) {
            return 0;
        }
        if (RbTree.parent(cpu, node) != parent) {
            throw bug("wrong parent", node);
        }
        if (!isBlack(cpu, node) && !isBlack(cpu, parent)) {
            throw bug("red child of a red node", node);
        }
        int left = check(cpu, Node.LEFT.get(cpu, node), node);
        int right = check(cpu, Node.RIGHT.get(cpu, node), node);
        if (left != right) {
            throw bug("black heights " + left + " and " + right, node);
        }
        return left + (isBlack(cpu, node) ? 1 : 0);
    }

    static KernelBug bug(String what, long node) {
        return new KernelBug(
                FailureKind.CORRUPTION, "BUG: red-black tree corruption at 0x" + Long.toHexString(node) + ": " + what);
    }
}
