package kemu.rcu.list;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;

/**
 * {@code struct list_head}: a node of a circular doubly linked list, and the head of one. An empty head points to
 * itself.
 *
 * <p>Context: every function but {@link #init} runs under the list's lock; all accesses are plain. For lists that
 * readers walk without the lock see {@link RcuList}.
 *
 * <p>Insertion and removal check the neighbours' links first, as with CONFIG_DEBUG_LIST: a node added twice, removed
 * twice or overwritten is a {@link KernelBug} at the spot. Source: Linux 6.1 include/linux/list.h.
 */
public final class ListHead {
    /** What {@link #del} leaves in {@code next}: page 0, so following it is an oops. */
    public static final long LIST_POISON1 = 0x100;
    /** What {@link #del} leaves in {@code prev}. */
    public static final long LIST_POISON2 = 0x120;

    private static final StructLayout.Builder S = StructLayout.struct("list_head");
    /** Next node. Plain under the list's lock; RCU writers release it, RCU readers dereference it. */
    public static final RefField NEXT = S.ref("next", ListHead.class);
    /** Previous node. Plain under the list's lock; never followed by RCU readers. */
    public static final RefField PREV = S.ref("prev", ListHead.class);
    /** Size and members. */
    public static final StructLayout LAYOUT = S.build(8);

    private ListHead() {}

    /** INIT_LIST_HEAD: an empty list, or a node on no list. */
    public static void init(Cpu cpu, @Ref(ListHead.class) long head) {
        NEXT.set(cpu, head, head);
        PREV.set(cpu, head, head);
    }

    /** list_add: inserts {@code node} right after {@code head}. */
    public static void add(Cpu cpu, @Ref(ListHead.class) long node, @Ref(ListHead.class) long head) {
        link(cpu, node, head, NEXT.get(cpu, head));
    }

    /** list_add_tail: inserts {@code node} right before {@code head}. */
    public static void addTail(Cpu cpu, @Ref(ListHead.class) long node, @Ref(ListHead.class) long head) {
        link(cpu, node, PREV.get(cpu, head), head);
    }

    private static void link(Cpu cpu, long node, long prev, long next) {
        checkAdd(cpu, node, prev, next);
        PREV.set(cpu, next, node);
        NEXT.set(cpu, node, next);
        PREV.set(cpu, node, prev);
        NEXT.set(cpu, prev, node);
    }

    /** list_del: removes {@code node}, whose links then lead to page 0. */
    public static void del(Cpu cpu, @Ref(ListHead.class) long node) {
        unlink(cpu, node);
        NEXT.set(cpu, node, LIST_POISON1);
        PREV.set(cpu, node, LIST_POISON2);
    }

    /** list_del_init: removes {@code node} and leaves it on no list, so that it may be removed again. */
    public static void delInit(Cpu cpu, @Ref(ListHead.class) long node) {
        unlink(cpu, node);
        init(cpu, node);
    }

    private static void unlink(Cpu cpu, long node) {
        long prev = PREV.get(cpu, node);
        long next = NEXT.get(cpu, node);
        checkDel(cpu, node, prev, next);
        PREV.set(cpu, next, prev);
        NEXT.set(cpu, prev, next);
    }

    /** list_empty: true if the list at {@code head} has no node, or the node {@code head} is on no list. */
    public static boolean empty(Cpu cpu, @Ref(ListHead.class) long head) {
        return NEXT.get(cpu, head) == head;
    }

    /** True if the list has exactly one node. */
    public static boolean singular(Cpu cpu, @Ref(ListHead.class) long head) {
        long first = NEXT.get(cpu, head);
        return first != head && first == PREV.get(cpu, head);
    }

    /** The first node, or {@code head} itself if the list is empty. */
    public static @Ref(ListHead.class) long first(Cpu cpu, @Ref(ListHead.class) long head) {
        return NEXT.get(cpu, head);
    }

    /** The last node, or {@code head} itself if the list is empty. */
    public static @Ref(ListHead.class) long last(Cpu cpu, @Ref(ListHead.class) long head) {
        return PREV.get(cpu, head);
    }

    /**
     * The node after {@code node}; the head after the last one. Iterate so: {@code for (long at = first(cpu, head); at
     * != head; at = next(cpu, at))}; take the next node first if the body may remove the current one.
     */
    public static @Ref(ListHead.class) long next(Cpu cpu, @Ref(ListHead.class) long node) {
        return NEXT.get(cpu, node);
    }

    /** The node before {@code node}; the head before the first one. */
    public static @Ref(ListHead.class) long prev(Cpu cpu, @Ref(ListHead.class) long node) {
        return PREV.get(cpu, node);
    }

    /** list_move: takes {@code node} off its list and inserts it right after {@code head}. */
    public static void move(Cpu cpu, @Ref(ListHead.class) long node, @Ref(ListHead.class) long head) {
        unlink(cpu, node);
        add(cpu, node, head);
    }

    /** list_move_tail: takes {@code node} off its list and inserts it right before {@code head}. */
    public static void moveTail(Cpu cpu, @Ref(ListHead.class) long node, @Ref(ListHead.class) long head) {
        unlink(cpu, node);
        addTail(cpu, node, head);
    }

    /**
     * list_splice_init: moves all nodes of {@code list} right after {@code head}, in order; {@code list} is then empty.
     */
    public static void splice(Cpu cpu, @Ref(ListHead.class) long list, @Ref(ListHead.class) long head) {
        spliceBetween(cpu, list, head, NEXT.get(cpu, head));
    }

    /** list_splice_tail_init: moves all nodes of {@code list} right before {@code head}, in order. */
    public static void spliceTail(Cpu cpu, @Ref(ListHead.class) long list, @Ref(ListHead.class) long head) {
        spliceBetween(cpu, list, PREV.get(cpu, head), head);
    }

    private static void spliceBetween(Cpu cpu, long list, long prev, long next) {
        if (empty(cpu, list)) {
            return;
        }
        long first = NEXT.get(cpu, list);
        long last = PREV.get(cpu, list);
        PREV.set(cpu, first, prev);
        NEXT.set(cpu, prev, first);
        NEXT.set(cpu, last, next);
        PREV.set(cpu, next, last);
        init(cpu, list);
    }

    static void checkAdd(Cpu cpu, long node, long prev, long next) {
        if (PREV.get(cpu, next) != prev || NEXT.get(cpu, prev) != next || node == prev || node == next) {
            throw corruption(cpu, "list_add", node, prev, next);
        }
    }

    static void checkDel(Cpu cpu, long node, long prev, long next) {
        if (next == LIST_POISON1
                || prev == LIST_POISON2
                || NEXT.get(cpu, prev) != node
                || PREV.get(cpu, next) != node) {
            throw corruption(cpu, "list_del", node, prev, next);
        }
    }

    private static KernelBug corruption(Cpu cpu, String what, long node, long prev, long next) {
        return new KernelBug(
                FailureKind.CORRUPTION,
                "BUG: " + what + " corruption on CPU#" + cpu.id() + ": node 0x" + Long.toHexString(node)
                        + " (" + Machine.of(cpu).memory().symbols().nameOf(node) + "), prev 0x" + Long.toHexString(prev)
                        + ", next 0x"
                        + Long.toHexString(next));
    }
}
