package kemu.rcu.tree;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Area;

/**
 * Forcing quiescent states: credits CPUs that idle or have idled since the first look, and kicks the ones that hold the
 * grace period up. Context: the grace-period thread. Source: Linux 6.1 kernel/rcu/tree.c, force_qs_rnp().
 */
final class ForceQs {
    private ForceQs() {}

    /** rcu_force_quiescent_state: has the grace-period thread look at the CPUs now. */
    static void request(Cpu cpu, RcuTree tree) {
        long state = tree.state();
        RcuTree.lock(cpu, tree.root());
        RcuState.GP_FLAGS.writeOnce(cpu, state, RcuState.GP_FLAGS.get(cpu, state) | RcuState.FLAG_FQS);
        RcuTree.unlock(cpu, tree.root());
        tree.wakeForReport(cpu);
    }

    /** Looks at every CPU the grace period waits for. {@code first} look: take the snapshots. */
    static void look(Cpu cpu, RcuTree tree, boolean first) {
        long state = tree.state();
        RcuState.N_FORCE_QS.writeOnce(cpu, state, RcuState.N_FORCE_QS.get(cpu, state) + 1);
        for (int i = tree.firstLeaf(); i < tree.nodeCount(); i++) {
            long leaf = tree.node(i);
            if (RcuNode.QSMASK.readOnce(cpu, leaf) != 0) {
                lookAtLeaf(cpu, tree, leaf, first);
            }
        }
    }

    private static void lookAtLeaf(Cpu cpu, RcuTree tree, long leaf, boolean first) {
        RcuTree.lock(cpu, leaf);
        long credit = 0;
        int base = RcuNode.GRPLO.get(cpu, leaf);
        for (long rest = RcuNode.QSMASK.get(cpu, leaf); rest != 0; rest &= rest - 1) {
            int id = base + Long.numberOfTrailingZeros(rest);
            boolean passed = first ? snapshot(cpu, tree, id) : hasIdled(cpu, tree, id);
            if (passed) {
                credit |= rest & -rest;
            }
        }
        if (credit != 0) {
            QuiescentStates.reportAndUnlock(cpu, tree, leaf, credit, RcuNode.GP_SEQ.get(cpu, leaf));
        } else {
            RcuTree.unlock(cpu, leaf);
        }
    }

    private static boolean snapshot(Cpu cpu, RcuTree tree, int id) {
        long data = tree.dataOf(id);
        long seen = Dynticks.snap(cpu, data);
        RcuData.DYNTICKS_SNAP.set(cpu, data, seen);
        return Dynticks.inIdle(seen);
    }

    private static boolean hasIdled(Cpu cpu, RcuTree tree, int id) {
        long data = tree.dataOf(id);
        long seen = Dynticks.snap(cpu, data);
        if (Dynticks.inIdle(seen) || seen != RcuData.DYNTICKS_SNAP.get(cpu, data)) {
            return true;
        }
        kick(cpu, tree, id, data);
        return false;
    }

    /** The older the grace period, the more is asked of a CPU that holds it up. */
    private static void kick(Cpu cpu, RcuTree tree, int id, long data) {
        long now = tree.machine().jiffies(cpu);
        long patience = tree.options().schedQsJiffies();
        long age = now - RcuState.GP_START.get(cpu, tree.state());
        if (age < patience) {
            return;
        }
        RcuData.URGENT_QS.writeOnce(cpu, data, 1);
        if (age < 2 * patience) {
            return;
        }
        RcuData.NEED_HEAVY_QS.writeOnce(cpu, data, 1);
        if (now - RcuData.LAST_FQS_RESCHED.get(cpu, data) >= patience) {
            RcuData.LAST_FQS_RESCHED.set(cpu, data, now);
            cpu.raise(id, Area.RESCHED);
        }
    }
}
