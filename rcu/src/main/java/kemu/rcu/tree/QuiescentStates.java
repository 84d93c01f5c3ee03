package kemu.rcu.tree;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;

/**
 * How a CPU's quiescent state becomes the root's: noted by the CPU itself, reported to its leaf, and upwards by whoever
 * clears the last bit of a node. Source: Linux 6.1 kernel/rcu/tree.c, rcu_report_qs_rdp() and rcu_report_qs_rnp().
 */
final class QuiescentStates {
    private QuiescentStates() {}

    /** rcu_qs: no reader of this CPU that began before now is left. Context: own CPU, interrupts disabled. */
    static void note(Cpu cpu, RcuTree tree) {
        long data = tree.data(cpu);
        if (RcuData.CPU_NO_QS.get(cpu, data) != 0) {
            RcuData.CPU_NO_QS.set(cpu, data, 0);
        }
    }

    /** rcu_note_context_switch. Context: run queue locked, so nothing here takes a lock. */
    static void noteContextSwitch(Cpu cpu, RcuTree tree) {
        note(cpu, tree);
        long data = tree.data(cpu);
        if (RcuData.URGENT_QS.readOnce(cpu, data) != 0) {
            RcuData.URGENT_QS.writeOnce(cpu, data, 0);
        }
        if (RcuData.NEED_HEAVY_QS.readOnce(cpu, data) != 0) {
            RcuData.NEED_HEAVY_QS.writeOnce(cpu, data, 0);
            Dynticks.momentaryIdle(cpu, data);
        }
    }

    /**
     * rcu_check_quiescent_state: learns of changes; reports if the grace period waits for this CPU and it has passed.
     * Context: own CPU, interrupts disabled.
     */
    static void check(Cpu cpu, RcuTree tree) {
        GpRequest.noteChanges(cpu, tree);
        long data = tree.data(cpu);
        if (RcuData.CORE_NEEDS_QS.get(cpu, data) != 0 && RcuData.CPU_NO_QS.get(cpu, data) == 0) {
            reportOwn(cpu, tree, data);
        }
    }

    private static void reportOwn(Cpu cpu, RcuTree tree, long data) {
        long leaf = RcuData.MYNODE.get(cpu, data);
        RcuTree.lock(cpu, leaf);
        long now = RcuNode.GP_SEQ.get(cpu, leaf);
        if (RcuData.CPU_NO_QS.get(cpu, data) != 0 || RcuData.GP_SEQ.get(cpu, data) != now) {
            // A new grace period began since: what this CPU passed was before its start and does not count for it.
            RcuData.CPU_NO_QS.set(cpu, data, 1);
            RcuTree.unlock(cpu, leaf);
            return;
        }
        RcuData.CORE_NEEDS_QS.set(cpu, data, 0);
        if ((RcuNode.QSMASK.get(cpu, leaf) & RcuData.GRPMASK.get(cpu, data)) == 0) {
            RcuTree.unlock(cpu, leaf);
            return;
        }
        // New callbacks can share the grace period that comes next only if they are assigned before this one may end.
        boolean wake = GpRequest.accelerate(cpu, tree, leaf, data);
        reportAndUnlock(cpu, tree, leaf, RcuData.GRPMASK.get(cpu, data), now);
        if (wake) {
            tree.wakeGpThread(cpu);
        }
    }

    /**
     * rcu_report_qs_rnp: clears {@code bits} of {@code start}, and of its ancestors as far as nodes become empty.
     *
     * @param start locked; unlocked on return
     * @param gpSeq the grace period the report is for; too late a report changes nothing
     */
    static void reportAndUnlock(Cpu cpu, RcuTree tree, long start, long bits, long gpSeq) {
        long node = start;
        long mask = bits;
        // Ends: every round goes one level up.
        while (true) {
            long waiting = RcuNode.QSMASK.get(cpu, node);
            if ((waiting & mask) == 0 || RcuNode.GP_SEQ.get(cpu, node) != gpSeq) {
                RcuTree.unlock(cpu, node);
                return;
            }
            waiting &= ~mask;
            RcuNode.QSMASK.writeOnce(cpu, node, waiting);
            cpu.tell(Event.RCU_QUIESCENT, node, mask);
            if (!RcuNode.done(cpu, node)) {
                RcuTree.unlock(cpu, node);
                return;
            }
            long parent = RcuNode.PARENT.get(cpu, node);
            if (parent == Cpu.NULL) {
                break;
            }
            mask = RcuNode.GRPMASK.get(cpu, node);
            RcuTree.unlock(cpu, node);
            node = parent;
            RcuTree.lock(cpu, node);
        }
        wakeAndUnlock(cpu, tree, node);
    }

    /** rcu_report_unblock_qs_rnp: the last preempted reader that {@code leaf}, locked, waited for has ended. */
    static void reportUnblockedAndUnlock(Cpu cpu, RcuTree tree, long leaf) {
        if (!RcuNode.done(cpu, leaf)) {
            RcuTree.unlock(cpu, leaf);
            return;
        }
        long parent = RcuNode.PARENT.get(cpu, leaf);
        if (parent == Cpu.NULL) {
            wakeAndUnlock(cpu, tree, leaf);
            return;
        }
        long bit = RcuNode.GRPMASK.get(cpu, leaf);
        long gpSeq = RcuNode.GP_SEQ.get(cpu, leaf);
        RcuTree.unlock(cpu, leaf);
        RcuTree.lock(cpu, parent);
        reportAndUnlock(cpu, tree, parent, bit, gpSeq);
    }

    /** rcu_report_qs_rsp: all have reported to {@code root}, locked. */
    private static void wakeAndUnlock(Cpu cpu, RcuTree tree, long root) {
        long state = tree.state();
        RcuState.GP_FLAGS.writeOnce(cpu, state, RcuState.GP_FLAGS.get(cpu, state) | RcuState.FLAG_FQS);
        RcuTree.unlock(cpu, root);
        tree.wakeForReport(cpu);
    }
}
