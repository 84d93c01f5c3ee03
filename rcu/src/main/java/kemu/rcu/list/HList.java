package kemu.rcu.list;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.hw.shadow.NamedByCaller;

/**
 * {@code struct hlist_node}: a node of a hash chain. The head is one word holding the first node, so that big tables
 * stay small; a node knows the address of the word that points to it.
 *
 * <p>Context: under the chain's lock, except {@link #firstRcu} and {@link #nextRcu}, which run inside an RCU reader;
 * chains with such readers are changed by {@link #addHeadRcu} and {@link #delRcu} only. Source: Linux 6.1
 * include/linux/list.h and rculist.h.
 */
@NamedByCaller
public final class HList {
    /** {@code struct hlist_head}: one word. */
    public static final class Head {
        private static final StructLayout.Builder S = StructLayout.struct("hlist_head");
        /** First node, NULL if empty. Plain under the lock; RCU writers release it. */
        public static final RefField FIRST = S.ref("first", HList.class);
        /** Size and members. */
        public static final StructLayout LAYOUT = S.build(8);

        private Head() {}
    }

    private static final StructLayout.Builder S = StructLayout.struct("hlist_node");
    /** Next node, NULL at the end. Plain under the lock; RCU writers release it, RCU readers dereference it. */
    public static final RefField NEXT = S.ref("next", HList.class);
    /** Address of the word that points here; 0 if on no chain. Plain under the lock. */
    public static final I64Field PPREV = S.i64("pprev");
    /** Size and members. */
    public static final StructLayout LAYOUT = S.build(8);

    private HList() {}

    /** INIT_HLIST_HEAD: an empty chain. */
    public static void initHead(Cpu cpu, @Ref(Head.class) long head) {
        Head.FIRST.set(cpu, head, Cpu.NULL);
    }

    /** INIT_HLIST_NODE: a node on no chain. */
    public static void initNode(Cpu cpu, @Ref(HList.class) long node) {
        NEXT.set(cpu, node, Cpu.NULL);
        PPREV.set(cpu, node, 0);
    }

    /** hlist_add_head: inserts {@code node} at the front. */
    public static void addHead(Cpu cpu, @Ref(HList.class) long node, @Ref(Head.class) long head) {
        long first = Head.FIRST.get(cpu, head);
        linkNode(cpu, node, head, first);
        Head.FIRST.set(cpu, head, node);
    }

    /** hlist_add_head_rcu: as {@link #addHead}; readers who see the node see everything written to it before. */
    public static void addHeadRcu(Cpu cpu, @Ref(HList.class) long node, @Ref(Head.class) long head) {
        long first = Head.FIRST.get(cpu, head);
        linkNode(cpu, node, head, first);
        Head.FIRST.release(cpu, head, node);
    }

    private static void linkNode(Cpu cpu, long node, long head, long first) {
        NEXT.set(cpu, node, first);
        PPREV.set(cpu, node, Head.FIRST.of(head));
        if (first != Cpu.NULL) {
            PPREV.set(cpu, first, NEXT.of(node));
        }
    }

    /** hlist_del_init: removes {@code node} if it is on a chain. */
    public static void delInit(Cpu cpu, @Ref(HList.class) long node) {
        long pprev = PPREV.get(cpu, node);
        if (pprev != 0) {
            long next = NEXT.get(cpu, node);
            cpu.write64(pprev, next);
            if (next != Cpu.NULL) {
                PPREV.set(cpu, next, pprev);
            }
            initNode(cpu, node);
        }
    }

    /**
     * hlist_del_rcu: removes {@code node}; readers on it can still go on through its {@code next}. The object may be
     * freed after a grace period.
     */
    public static void delRcu(Cpu cpu, @Ref(HList.class) long node) {
        long pprev = PPREV.get(cpu, node);
        long next = NEXT.get(cpu, node);
        cpu.writeOnce64(pprev, next);
        if (next != Cpu.NULL) {
            PPREV.set(cpu, next, pprev);
        }
        PPREV.set(cpu, node, 0);
    }

    /** hlist_unhashed: true if {@code node} is on no chain. */
    public static boolean unhashed(Cpu cpu, @Ref(HList.class) long node) {
        return PPREV.get(cpu, node) == 0;
    }

    /** The first node, or NULL. */
    public static @Ref(HList.class) long first(Cpu cpu, @Ref(Head.class) long head) {
        return Head.FIRST.get(cpu, head);
    }

    /** The node after {@code node}, or NULL. */
    public static @Ref(HList.class) long next(Cpu cpu, @Ref(HList.class) long node) {
        return NEXT.get(cpu, node);
    }

    /** The first node, or NULL. Context: RCU reader. Ordering: pairs with {@link #addHeadRcu}. */
    public static @Ref(HList.class) long firstRcu(Cpu cpu, @Ref(Head.class) long head) {
        cpu.tell(Event.RCU_DEREFERENCED, head, 0);
        return Head.FIRST.dereference(cpu, head);
    }

    /** The node after {@code node}, or NULL. Context: RCU reader. Ordering: pairs with {@link #addHeadRcu}. */
    public static @Ref(HList.class) long nextRcu(Cpu cpu, @Ref(HList.class) long node) {
        cpu.tell(Event.RCU_DEREFERENCED, node, 0);
        return NEXT.dereference(cpu, node);
    }
}
