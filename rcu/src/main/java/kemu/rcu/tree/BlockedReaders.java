package kemu.rcu.tree;

import java.util.function.Consumer;
import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.Ref;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.kernel.context.Preempt;
import kemu.kernel.context.Task;
import kemu.kernel.task.Sched;
import kemu.kernel.task.TaskTable;
import kemu.rcu.list.ListHead;

/**
 * The readers that were preempted, on the list of the leaf of their CPU. The running grace period waits for those from
 * {@link RcuNode#GP_TASKS} to the end of the list; the next one waits for all that are on it when it starts.
 *
 * <p>Source: Linux 6.1 kernel/rcu/tree_plugin.h, rcu_preempt_ctxt_queue() and rcu_preempt_deferred_qs_irqrestore().
 */
class BlockedReaders {
    /** Bit above the nesting of a task: it is on a list. */
    private static final int BLOCKED = 1 << 30;
    /** Bit above the nesting of a task: its CPU owes a report when the reader ends. */
    private static final int NEED_QS = 1 << 29;

    private static final StructLayout.Builder S = StructLayout.struct("rcu_task");
    /** Link in {@link RcuNode#BLKD_TASKS}. Leaf lock. */
    private static final Embedded ENTRY = S.embed("rcu_node_entry", ListHead.LAYOUT);
    /** The leaf on whose list the task is. Own task. */
    private static final RefField NODE = S.ref("rcu_blocked_node", RcuNode.class);

    private static final StructLayout LAYOUT = S.build(8);

    private final RcuTree tree;
    private final TaskTable tasks;
    private final long entries;

    /** Lays out one entry per task slot. Boot only. */
    BlockedReaders(Machine machine, RcuTree tree) {
        this.tree = tree;
        this.tasks = Sched.of(machine).tasks();
        long size = (long) LAYOUT.sizeBytes() * tasks.count();
        entries = machine.bootAllocator().allocate(machine.bootCpu(), size, 64, "rcu_task[]");
    }

    /** True if a reader that ends now may leave its list: no lock and no handler around it makes it last longer. */
    boolean mayLeave(Cpu cpu) {
        return Preempt.count(cpu) == 0 && !Preempt.irqsDisabled(cpu);
    }

    private long entry(@Ref(Task.class) long task) {
        return entries + (long) tasks.slot(task) * LAYOUT.sizeBytes();
    }

    /** Names the tasks that the running grace period waits for, a line for each leaf; returns their number. */
    int describe(Cpu cpu, Consumer<String> sink) {
        int count = 0;
        for (int i = tree.firstLeaf(); i < tree.nodeCount(); i++) {
            long leaf = tree.node(i);
            StringBuilder line = new StringBuilder();
            RcuTree.lock(cpu, leaf);
            long head = RcuNode.BLKD_TASKS.of(leaf);
            long at = RcuNode.GP_TASKS.get(cpu, leaf);
            for (; at != Cpu.NULL && at != head; at = ListHead.next(cpu, at)) {
                long task = tasks.at((int) ((at - ENTRY.of(entries)) / LAYOUT.sizeBytes()));
                line.append(" P").append(Task.PID.get(cpu, task));
                count++;
            }
            RcuTree.unlock(cpu, leaf);
            if (line.length() != 0) {
                sink.accept("\tTasks blocked on level-" + RcuNode.LEVEL.get(cpu, leaf) + " rcu_node (CPUs "
                        + RcuNode.GRPLO.get(cpu, leaf) + "-" + RcuNode.GRPHI.get(cpu, leaf) + "):" + line);
            }
        }
        return count;
    }

    /**
     * rcu_preempt_ctxt_queue: {@code task} loses its CPU inside a reader. Context: its CPU, interrupts disabled, no
     * locks held.
     */
    void preempted(Cpu cpu, @Ref(Task.class) long task) {
        int nesting = Task.RCU_NESTING.get(cpu, task);
        if ((nesting & BLOCKED) != 0) {
            return;
        }
        long data = tree.data(cpu);
        long leaf = RcuData.MYNODE.get(cpu, data);
        RcuTree.lock(cpu, leaf);
        long node = ENTRY.of(entry(task));
        long list = RcuNode.BLKD_TASKS.of(leaf);
        long first = RcuNode.GP_TASKS.get(cpu, leaf);
        if (!mayBeOlder(cpu, leaf, data)) {
            ListHead.add(cpu, node, list);
        } else if (first != Cpu.NULL) {
            ListHead.add(cpu, node, first);
        } else {
            ListHead.addTail(cpu, node, list);
            RcuNode.GP_TASKS.writeOnce(cpu, leaf, node);
        }
        Task.RCU_NESTING.set(cpu, task, nesting | BLOCKED);
        NODE.set(cpu, entry(task), leaf);
        RcuTree.unlock(cpu, leaf);
    }

    /** True if the reader that this CPU loses may have begun before the grace period: the CPU has not reported. */
    boolean mayBeOlder(Cpu cpu, @Ref(RcuNode.class) long leaf, @Ref(RcuData.class) long data) {
        return (RcuNode.QSMASK.get(cpu, leaf) & RcuData.GRPMASK.get(cpu, data)) != 0;
    }

    /**
     * rcu_preempt_deferred_qs_irqrestore: {@code task} is in no reader any more, nor will it be before it has been seen
     * preemptible. Context: its CPU, interrupts disabled, no locks held.
     *
     * @return true if its CPU owes a report
     */
    boolean ended(Cpu cpu, @Ref(Task.class) long task) {
        int special = Task.RCU_NESTING.get(cpu, task);
        if (special == 0) {
            return false;
        }
        Task.RCU_NESTING.set(cpu, task, 0);
        if ((special & BLOCKED) != 0) {
            leave(cpu, task);
        }
        return (special & NEED_QS) != 0;
    }

    private void leave(Cpu cpu, long task) {
        long leaf = NODE.get(cpu, entry(task));
        long node = ENTRY.of(entry(task));
        RcuTree.lock(cpu, leaf);
        boolean waited = RcuNode.GP_TASKS.get(cpu, leaf) != Cpu.NULL;
        if (RcuNode.GP_TASKS.get(cpu, leaf) == node) {
            long next = ListHead.NEXT.get(cpu, node);
            RcuNode.GP_TASKS.writeOnce(cpu, leaf, next == RcuNode.BLKD_TASKS.of(leaf) ? Cpu.NULL : next);
        }
        ListHead.del(cpu, node);
        if (waited) {
            QuiescentStates.reportUnblockedAndUnlock(cpu, tree, leaf);
        } else {
            RcuTree.unlock(cpu, leaf);
        }
    }

    /** The reader of {@code task} holds up an old grace period: its end is to be noted at once. Context: tick. */
    static void askForReport(Cpu cpu, @Ref(Task.class) long task) {
        Task.RCU_NESTING.set(cpu, task, Task.RCU_NESTING.get(cpu, task) | NEED_QS);
    }

    /** rcu_preempt_check_blocked_tasks: the grace period that starts waits for all that are listed. Node locked. */
    static void startGracePeriod(Cpu cpu, @Ref(RcuNode.class) long node) {
        if (RcuNode.GP_TASKS.get(cpu, node) != Cpu.NULL) {
            throw new KernelBug(
                    FailureKind.RCU_STATE, "BUG: a grace period starts while a leaf waits for readers of the last one");
        }
        long list = RcuNode.BLKD_TASKS.of(node);
        if (!ListHead.empty(cpu, list)) {
            RcuNode.GP_TASKS.writeOnce(cpu, node, ListHead.NEXT.get(cpu, list));
        }
    }
}
