package kemu.rcu.list;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.layout.Ref;
import kemu.hw.shadow.NamedByCaller;

/**
 * Lists of {@link ListHead} nodes that readers walk without the list's lock, inside an RCU reader.
 *
 * <p>A reader sees every node that was on the list throughout its walk; of nodes added or removed meanwhile it may see
 * any subset. A removed node keeps its {@code next}, so a reader on it gets back to the list; free it after a grace
 * period.
 *
 * <p>Ordering: the release that links a node pairs with {@link #first} and {@link #next}: whoever sees the node sees
 * what was written to it before. Source: Linux 6.1 include/linux/rculist.h.
 */
@NamedByCaller
public final class RcuList {
    private RcuList() {}

    /** list_add_rcu: inserts {@code node} right after {@code head}. Context: list's lock. */
    public static void add(Cpu cpu, @Ref(ListHead.class) long node, @Ref(ListHead.class) long head) {
        link(cpu, node, head, ListHead.NEXT.get(cpu, head));
    }

    /** list_add_tail_rcu: inserts {@code node} right before {@code head}. Context: list's lock. */
    public static void addTail(Cpu cpu, @Ref(ListHead.class) long node, @Ref(ListHead.class) long head) {
        link(cpu, node, ListHead.PREV.get(cpu, head), head);
    }

    private static void link(Cpu cpu, long node, long prev, long next) {
        ListHead.checkAdd(cpu, node, prev, next);
        ListHead.NEXT.set(cpu, node, next);
        ListHead.PREV.set(cpu, node, prev);
        ListHead.NEXT.release(cpu, prev, node);
        ListHead.PREV.set(cpu, next, node);
    }

    /**
     * list_del_rcu: removes {@code node}, leaving its {@code next} for readers that are on it. Context: list's lock.
     */
    public static void del(Cpu cpu, @Ref(ListHead.class) long node) {
        long prev = ListHead.PREV.get(cpu, node);
        long next = ListHead.NEXT.get(cpu, node);
        ListHead.checkDel(cpu, node, prev, next);
        ListHead.PREV.set(cpu, next, prev);
        // RACE: readers load this word; they get the old or the new successor, both lead to the head.
        ListHead.NEXT.writeOnce(cpu, prev, next);
        ListHead.PREV.set(cpu, node, ListHead.LIST_POISON2);
    }

    /** list_replace_rcu: puts {@code fresh} where {@code old} was. Context: list's lock. */
    public static void replace(Cpu cpu, @Ref(ListHead.class) long old, @Ref(ListHead.class) long fresh) {
        long prev = ListHead.PREV.get(cpu, old);
        long next = ListHead.NEXT.get(cpu, old);
        ListHead.checkDel(cpu, old, prev, next);
        ListHead.NEXT.set(cpu, fresh, next);
        ListHead.PREV.set(cpu, fresh, prev);
        ListHead.NEXT.release(cpu, prev, fresh);
        ListHead.PREV.set(cpu, next, fresh);
        ListHead.PREV.set(cpu, old, ListHead.LIST_POISON2);
    }

    /** The first node, or {@code head} itself if the list is empty. Context: RCU reader. */
    public static @Ref(ListHead.class) long first(Cpu cpu, @Ref(ListHead.class) long head) {
        cpu.tell(Event.RCU_DEREFERENCED, head, 0);
        return ListHead.NEXT.dereference(cpu, head);
    }

    /** The node after {@code node}, the head after the last one. Context: RCU reader that is on {@code node}. */
    public static @Ref(ListHead.class) long next(Cpu cpu, @Ref(ListHead.class) long node) {
        cpu.tell(Event.RCU_DEREFERENCED, node, 0);
        return ListHead.NEXT.dereference(cpu, node);
    }
}
