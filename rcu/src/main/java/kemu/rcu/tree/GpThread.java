package kemu.rcu.tree;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.cpu.Tags;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Order;
import kemu.kernel.context.Preempt;
import kemu.kernel.context.Task;
import kemu.kernel.task.Sched;
import kemu.kernel.task.WaitQueue;

/**
 * The thread that runs grace periods: waits until one is needed, tells the nodes that it starts, waits until the root
 * is empty while looking for idle CPUs, tells the nodes that it ended. Source: Linux 6.1 kernel/rcu/tree.c,
 * rcu_gp_kthread().
 */
final class GpThread {
    private static final int GRACE_PERIOD = Tags.tag("grace_period");

    private GpThread() {}

    static void run(Cpu cpu, RcuTree tree) {
        long state = tree.state();
        RcuState.GP_KTHREAD.writeOnce(cpu, state, Sched.current(cpu));
        // Ends with the machine: each round is one grace period.
        while (true) {
            waitUntilNeeded(cpu, tree);
            enter(cpu, tree, RcuState.DONE_GPS);
            if (init(cpu, tree)) {
                waitForQuiescence(cpu, tree);
                cleanup(cpu, tree);
            }
        }
    }

    private static void enter(Cpu cpu, RcuTree tree, int gpState) {
        RcuState.GP_STATE.writeOnce(cpu, tree.state(), gpState);
        RcuState.GP_ACTIVITY.writeOnce(cpu, tree.state(), tree.machine().jiffies(cpu));
    }

    private static void waitUntilNeeded(Cpu cpu, RcuTree tree) {
        long state = tree.state();
        enter(cpu, tree, RcuState.WAIT_GPS);
        long queue = RcuState.GP_WQ.of(state);
        WaitQueue.prepare(cpu, queue, Task.INTERRUPTIBLE);
        // Ends when a grace period is requested; until then there is nothing to do.
        while ((RcuState.GP_FLAGS.readOnce(cpu, state) & RcuState.FLAG_INIT) == 0) {
            Sched.of(tree.machine()).schedule(cpu);
            WaitQueue.prepare(cpu, queue, Task.INTERRUPTIBLE);
        }
        WaitQueue.finish(cpu, queue);
    }

    /** rcu_gp_init: breadth first, so that no report can reach the root before the root has learnt of the start. */
    private static boolean init(Cpu cpu, RcuTree tree) {
        long state = tree.state();
        long root = tree.root();
        RcuTree.lock(cpu, root);
        int flags = RcuState.GP_FLAGS.get(cpu, state);
        RcuState.GP_FLAGS.writeOnce(cpu, state, 0);
        long seq = RcuState.GP_SEQ.get(cpu, state);
        if ((flags & RcuState.FLAG_INIT) == 0 || GpSeq.state(seq) != 0) {
            RcuTree.unlock(cpu, root);
            return false;
        }
        long now = tree.machine().jiffies(cpu);
        RcuState.GP_START.writeOnce(cpu, state, now);
        RcuState.GP_START_CLOCK.set(cpu, state, cpu.clock());
        RcuState.N_FORCE_QS.writeOnce(cpu, state, 0);
        RcuState.JIFFIES_STALL.writeOnce(cpu, state, now + tree.options().stallJiffies());
        long started = GpSeq.started(seq);
        RcuState.GP_SEQ.writeOnce(cpu, state, started);
        cpu.tell(Event.RCU_GRACE_BEGUN, started >> GpSeq.COUNTER_SHIFT, 0);
        RcuTree.unlock(cpu, root);
        enter(cpu, tree, RcuState.INIT);
        long data = tree.data(cpu);
        for (int i = 0; i < tree.nodeCount(); i++) {
            long node = tree.node(i);
            RcuTree.lock(cpu, node);
            if (RcuNode.QSMASK.get(cpu, node) != 0) {
                throw new KernelBug(
                        FailureKind.RCU_STATE,
                        "BUG: rcu_node " + i + " still waits for 0x" + Long.toHexString(RcuNode.QSMASK.get(cpu, node))
                                + " when a grace period starts");
            }
            BlockedReaders.startGracePeriod(cpu, node);
            RcuNode.QSMASK.writeOnce(cpu, node, RcuNode.QSMASK_INIT.get(cpu, node));
            RcuNode.GP_SEQ.writeOnce(cpu, node, started);
            if (node == RcuData.MYNODE.get(cpu, data)) {
                GpRequest.noteChangesLocked(cpu, tree, node, data);
            }
            RcuTree.unlock(cpu, node);
        }
        return true;
    }

    /** rcu_gp_fqs_loop: until the root is empty. Full reports wake the thread early. */
    private static void waitForQuiescence(Cpu cpu, RcuTree tree) {
        long root = tree.root();
        boolean first = true;
        long jiffies = tree.options().firstFqsJiffies();
        // Ends when every CPU has passed a quiescent state; the stall detector reports one that does not.
        while (true) {
            if (jiffies > 0) {
                sleepUntilForced(cpu, tree, jiffies);
            } else if (!first && !rootDone(cpu, root)) {
                cpu.condLoadNe32(RcuState.REPORTED.of(tree.state()), 1, 0, Order.RELAXED);
                // Full order: what was reported before is seen below, what is reported later ends the next wait.
                RcuState.REPORTED.xchg(cpu, tree.state(), 0);
            }
            enter(cpu, tree, RcuState.DOING_FQS);
            // Before the look at the root: what a request that is cleared here has reported is in sight then.
            clearForced(cpu, tree);
            if (rootDone(cpu, root)) {
                return;
            }
            reportOwnCpu(cpu, tree);
            ForceQs.look(cpu, tree, first);
            first = false;
            jiffies = tree.options().nextFqsJiffies();
        }
    }

    /** Racy, but once true it stays so: only this thread gives the root something to wait for. */
    private static boolean rootDone(Cpu cpu, long root) {
        // A reader is put on the list while the bit of its CPU is set, so the bits come first.
        return RcuNode.QSMASK.acquire(cpu, root) == 0 && RcuNode.GP_TASKS.readOnce(cpu, root) == Cpu.NULL;
    }

    /** The thread is in no reader, so its CPU need not wait for a tick to say so. */
    private static void reportOwnCpu(Cpu cpu, RcuTree tree) {
        Preempt.irqDisable(cpu);
        GpRequest.noteChanges(cpu, tree);
        QuiescentStates.note(cpu, tree);
        QuiescentStates.check(cpu, tree);
        Preempt.irqEnable(cpu);
    }

    private static void sleepUntilForced(Cpu cpu, RcuTree tree, long jiffies) {
        enter(cpu, tree, RcuState.WAIT_FQS);
        long queue = RcuState.GP_WQ.of(tree.state());
        WaitQueue.prepare(cpu, queue, Task.INTERRUPTIBLE);
        if ((RcuState.GP_FLAGS.readOnce(cpu, tree.state()) & RcuState.FLAG_FQS) == 0 && !rootDone(cpu, tree.root())) {
            Sched.of(tree.machine()).scheduleTimeout(cpu, jiffies);
        }
        WaitQueue.finish(cpu, queue);
    }

    private static void clearForced(Cpu cpu, RcuTree tree) {
        long state = tree.state();
        if ((RcuState.GP_FLAGS.readOnce(cpu, state) & RcuState.FLAG_FQS) != 0) {
            RcuTree.lock(cpu, tree.root());
            RcuState.GP_FLAGS.writeOnce(cpu, state, RcuState.GP_FLAGS.get(cpu, state) & ~RcuState.FLAG_FQS);
            RcuTree.unlock(cpu, tree.root());
        }
    }

    /** rcu_gp_cleanup: nodes learn of the end first, so that all of them have when the next grace period starts. */
    private static void cleanup(Cpu cpu, RcuTree tree) {
        long state = tree.state();
        long root = tree.root();
        enter(cpu, tree, RcuState.CLEANUP);
        long ended = GpSeq.ended(RcuState.GP_SEQ.get(cpu, state));
        long data = tree.data(cpu);
        boolean needed = false;
        for (int i = 0; i < tree.nodeCount(); i++) {
            long node = tree.node(i);
            RcuTree.lock(cpu, node);
            if (!RcuNode.done(cpu, node)) {
                throw new KernelBug(
                        FailureKind.RCU_STATE, "BUG: rcu_node " + i + " still waits when a grace period ends");
            }
            RcuNode.GP_SEQ.writeOnce(cpu, node, ended);
            if (node == RcuData.MYNODE.get(cpu, data)) {
                needed |= GpRequest.noteChangesLocked(cpu, tree, node, data);
            }
            needed |= GpSeq.before(ended, RcuNode.GP_SEQ_NEEDED.get(cpu, node));
            RcuTree.unlock(cpu, node);
        }
        enter(cpu, tree, RcuState.CLEANED);
        RcuTree.lock(cpu, root);
        RcuState.GP_SEQ.release(cpu, state, ended);
        cpu.tell(Event.RCU_GRACE_OVER, (ended >> GpSeq.COUNTER_SHIFT) - 1, 0);
        RcuState.COMPLETED.writeOnce(cpu, state, RcuState.COMPLETED.get(cpu, state) + 1);
        RcuState.GP_STATE.writeOnce(cpu, state, RcuState.IDLE);
        needed |= GpSeq.before(ended, RcuNode.GP_SEQ_NEEDED.get(cpu, root));
        RcuState.GP_FLAGS.writeOnce(cpu, state, needed ? RcuState.FLAG_INIT : 0);
        RcuTree.unlock(cpu, root);
        cpu.record(GRACE_PERIOD, cpu.clock() - RcuState.GP_START_CLOCK.get(cpu, state));
        // Without a look whether anybody waits: the queue's lock orders the end against who is about to sleep.
        WaitQueue.wakeAll(cpu, RcuState.SYNC_WQ.of(state));
    }
}
