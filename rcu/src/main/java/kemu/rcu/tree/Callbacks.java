package kemu.rcu.tree;

import kemu.hw.cpu.Cpu;
import kemu.kernel.context.Preempt;
import kemu.rcu.Rcu;
import kemu.rcu.RcuHead;

/**
 * Queuing callbacks and invoking those whose grace period is over, in batches: the batch grows with the backlog, so
 * that a flood cannot outgrow it. Source: Linux 6.1 kernel/rcu/tree.c, __call_rcu_common() and rcu_do_batch().
 */
final class Callbacks {
    private static final int BACKLOG_SHIFT = 3;

    private Callbacks() {}

    /** Queues {@code head} on this CPU. */
    static void queue(Cpu cpu, RcuTree tree, long head) {
        long data = tree.data(cpu);
        Preempt.irqDisable(cpu);
        SegCbList.enqueue(cpu, RcuData.CBLIST.of(data), head);
        long length = RcuData.LEN.get(cpu, data) + 1;
        RcuData.LEN.writeOnce(cpu, data, length);
        if (length > RcuData.LEN_LAST_FQS.get(cpu, data) + tree.options().qhimark()) {
            push(cpu, tree, data, length);
        }
        Preempt.irqEnable(cpu);
    }

    /** Too many callbacks wait: does not leave it to the tick to get a grace period going, or ended. */
    private static void push(Cpu cpu, RcuTree tree, long data, long length) {
        RcuData.LEN_LAST_FQS.set(cpu, data, length);
        GpRequest.noteChanges(cpu, tree);
        if (!tree.gpInProgress(cpu)) {
            GpRequest.accelerateUnlocked(cpu, tree);
            return;
        }
        ForceQs.request(cpu, tree);
    }

    /** Starts a grace period if callbacks need one and none runs. Context: own CPU, interrupts disabled. */
    static void startIfNeeded(Cpu cpu, RcuTree tree) {
        if (SegCbList.unassigned(cpu, RcuData.CBLIST.of(tree.data(cpu))) && !tree.gpInProgress(cpu)) {
            GpRequest.accelerateUnlocked(cpu, tree);
        }
    }

    /**
     * Invokes a batch. Context: own CPU, interrupts enabled, preemption disabled.
     *
     * @return true if more are ready
     */
    static boolean invokeBatch(Cpu cpu, RcuTree tree, Rcu rcu) {
        long data = tree.data(cpu);
        long list = RcuData.CBLIST.of(data);
        Preempt.irqDisable(cpu);
        if (!SegCbList.ready(cpu, list)) {
            Preempt.irqEnable(cpu);
            return false;
        }
        long length = RcuData.LEN.get(cpu, data);
        long limit = length > tree.options().qhimark()
                ? Long.MAX_VALUE
                : Math.max(tree.options().batch(), length >> BACKLOG_SHIFT);
        long last = SegCbList.tail(cpu, list, SegCbList.DONE);
        long head = SegCbList.takeDone(cpu, list);
        Preempt.irqEnable(cpu);
        long invoked = 0;
        while (head != Cpu.NULL && invoked < limit) {
            // Read first: the callback may free the head.
            long next = RcuHead.NEXT.get(cpu, head);
            rcu.invoke(cpu, head);
            invoked++;
            head = next;
        }
        Preempt.irqDisable(cpu);
        if (head != Cpu.NULL) {
            SegCbList.putBackDone(cpu, list, head, last);
        }
        account(cpu, tree, data, invoked);
        boolean more = SegCbList.ready(cpu, list);
        Preempt.irqEnable(cpu);
        return more;
    }

    private static void account(Cpu cpu, RcuTree tree, long data, long invoked) {
        RcuData.INVOKED.writeOnce(cpu, data, RcuData.INVOKED.get(cpu, data) + invoked);
        long length = RcuData.LEN.get(cpu, data) - invoked;
        // Whoever sees that nothing is left also sees what the callbacks did; rcu_barrier relies on it.
        RcuData.LEN.release(cpu, data, length);
        if (length == 0) {
            RcuData.LEN_LAST_FQS.set(cpu, data, 0);
        } else if (length < RcuData.LEN_LAST_FQS.get(cpu, data) - tree.options().qhimark()) {
            RcuData.LEN_LAST_FQS.set(cpu, data, length);
        }
    }
}
