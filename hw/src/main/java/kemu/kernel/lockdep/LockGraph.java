package kemu.kernel.lockdep;

import java.util.Arrays;
import kemu.kernel.locking.LockClass;

/**
 * Classes of locks (with a subclass each is a node), which was taken while which was held, and in what contexts each
 * was taken. Nodes are numbered as they are met and keep their numbers; orders and contexts are forgotten by
 * {@link #clear}.
 */
final class LockGraph {
    /** More kinds of locks than this are not followed. */
    static final int MAX = 256;

    /** No node. */
    static final int NONE = -1;

    private static final int WORDS = MAX / Long.SIZE;
    private static final int SUBCLASS_SHIFT = 24;
    private static final int CLASS_MASK = (1 << SUBCLASS_SHIFT) - 1;
    private static final int SLOTS = 1024;

    private final int[] keys = new int[MAX];
    private final short[] slots = new short[SLOTS];
    private int count;
    private final long[] after = new long[MAX * WORDS];
    private final byte[] usage = new byte[MAX];
    private boolean dirty;

    private final int[] queue = new int[MAX];
    private final int[] parent = new int[MAX];

    /** Forgets all orders and contexts. */
    void clear() {
        if (dirty) {
            Arrays.fill(after, 0, count * WORDS, 0);
            Arrays.fill(usage, 0, count, (byte) 0);
            dirty = false;
        }
    }

    /** The node of a lock class and subclass; {@link #NONE} if there are too many. */
    int node(int lockClass, int subclass) {
        int key = lockClass & CLASS_MASK | subclass << SUBCLASS_SHIFT;
        int slot = (key * 0x9e3779b9) >>> 22;
        // Ends: there are more slots than nodes.
        while (slots[slot] != 0) {
            if (keys[slots[slot] - 1] == key) {
                return slots[slot] - 1;
            }
            slot = slot + 1 & SLOTS - 1;
        }
        if (count == MAX) {
            return NONE;
        }
        keys[count] = key;
        slots[slot] = (short) ++count;
        return count - 1;
    }

    /** Name of the class, with its subclass if it is not the first. */
    String name(int node) {
        int subclass = keys[node] >>> SUBCLASS_SHIFT;
        int lockClass = keys[node] & CLASS_MASK;
        return (lockClass == LockDep.BIT_CLASS ? "bit lock" : LockClass.nameOf(lockClass))
                + (subclass == 0 ? "" : "/" + subclass);
    }

    /** True if {@code second} was taken while {@code first} was held. */
    boolean has(int first, int second) {
        return (after[first * WORDS + (second >>> 6)] & 1L << second) != 0;
    }

    /** Notes that {@code second} is taken while {@code first} is held. */
    void add(int first, int second) {
        after[first * WORDS + (second >>> 6)] |= 1L << second;
        dirty = true;
    }

    int usage(int node) {
        return usage[node];
    }

    /** Adds a context; true if it is new for this node. */
    boolean use(int node, int bits) {
        if ((usage[node] & bits) == bits) {
            return false;
        }
        usage[node] |= (byte) bits;
        dirty = true;
        return true;
    }

    /**
     * The first node found, {@code from} included, that was taken after {@code from} and is {@code to}, or is of usage
     * {@code bits} if {@code to} is {@link #NONE}. {@link #NONE} if there is none. {@link #path} tells the way.
     */
    int find(int from, int to, int bits) {
        Arrays.fill(parent, 0, count, NONE);
        int head = 0;
        int tail = 0;
        queue[tail++] = from;
        parent[from] = from;
        while (head < tail) {
            int node = queue[head++];
            if (to == NONE ? (usage[node] & bits) != 0 : node == to) {
                return node;
            }
            for (int next = 0; next < count; next++) {
                if (parent[next] == NONE && has(node, next)) {
                    parent[next] = node;
                    queue[tail++] = next;
                }
            }
        }
        return NONE;
    }

    /** Number of nodes. */
    int count() {
        return count;
    }

    /** The nodes from where the last {@link #find} began to {@code found}. */
    int[] path(int found) {
        int length = 1;
        for (int node = found; parent[node] != node; node = parent[node]) {
            length++;
        }
        int[] path = new int[length];
        int node = found;
        for (int i = length - 1; i >= 0; i--) {
            path[i] = node;
            node = parent[node];
        }
        return path;
    }
}
