package kemu.rcu.tree;

import kemu.hw.cpu.Cpu;

/**
 * Asking for grace periods, and learning that they started or ended. A request climbs the tree until it meets one for
 * the same or a later grace period, so that the root lock is taken about once per grace period, not once per CPU.
 *
 * <p>Source: Linux 6.1 kernel/rcu/tree.c, rcu_start_this_gp(), rcu_accelerate_cbs(), __note_gp_changes().
 */
final class GpRequest {
    private GpRequest() {}

    /**
     * Sees to it that the grace period ending at {@code seq} will run. Context: {@code leaf} locked.
     *
     * @return true if the caller must wake the grace-period thread once it has unlocked
     */
    static boolean start(Cpu cpu, RcuTree tree, long leaf, long seq) {
        long node = leaf;
        boolean wake = false;
        // Ends: every round goes one level up.
        while (true) {
            if (node != leaf) {
                RcuTree.lock(cpu, node);
            }
            if (!mustClimb(cpu, leaf, node, seq)) {
                break;
            }
            RcuNode.GP_SEQ_NEEDED.writeOnce(cpu, node, seq);
            if (GpSeq.state(RcuNode.GP_SEQ.get(cpu, node)) != 0) {
                // A grace period runs below this node; its cleanup will find the mark.
                break;
            }
            long parent = RcuNode.PARENT.get(cpu, node);
            if (parent == Cpu.NULL) {
                wake = requestAtRoot(cpu, tree);
                break;
            }
            if (node != leaf) {
                RcuTree.unlock(cpu, node);
            }
            node = parent;
        }
        if (node != leaf) {
            RcuTree.unlock(cpu, node);
        }
        return wake;
    }

    private static boolean mustClimb(Cpu cpu, long leaf, long node, long seq) {
        long now = RcuNode.GP_SEQ.get(cpu, node);
        return GpSeq.before(RcuNode.GP_SEQ_NEEDED.get(cpu, node), seq)
                && !GpSeq.hasStarted(now, seq)
                && (node == leaf || GpSeq.state(now) == 0);
    }

    /** Context: root locked. */
    private static boolean requestAtRoot(Cpu cpu, RcuTree tree) {
        long state = tree.state();
        if (GpSeq.state(RcuState.GP_SEQ.get(cpu, state)) != 0) {
            return false;
        }
        RcuState.GP_FLAGS.writeOnce(cpu, state, RcuState.GP_FLAGS.get(cpu, state) | RcuState.FLAG_INIT);
        return true;
    }

    /**
     * rcu_accelerate_cbs: gives the callbacks in NEXT a grace period. Context: own CPU, {@code leaf} locked.
     *
     * @return true if the thread must be woken
     */
    static boolean accelerate(Cpu cpu, RcuTree tree, long leaf, long data) {
        long list = RcuData.CBLIST.of(data);
        if (!SegCbList.pending(cpu, list)) {
            return false;
        }
        long seq = GpSeq.snap(RcuState.GP_SEQ.readOnce(cpu, tree.state()));
        return SegCbList.accelerate(cpu, list, seq) && start(cpu, tree, leaf, seq);
    }

    /** {@link #accelerate} by a caller without locks; wakes the thread itself. */
    static void accelerateUnlocked(Cpu cpu, RcuTree tree) {
        long data = tree.data(cpu);
        long leaf = RcuData.MYNODE.get(cpu, data);
        RcuTree.lock(cpu, leaf);
        boolean wake = accelerate(cpu, tree, leaf, data);
        RcuTree.unlock(cpu, leaf);
        if (wake) {
            tree.wakeGpThread(cpu);
        }
    }

    /**
     * note_gp_changes: this CPU learns which grace periods have ended and started since it looked last. Context: own
     * CPU.
     */
    static void noteChanges(Cpu cpu, RcuTree tree) {
        long data = tree.data(cpu);
        long leaf = RcuData.MYNODE.get(cpu, data);
        if (RcuNode.GP_SEQ.readOnce(cpu, leaf) == RcuData.GP_SEQ.get(cpu, data)) {
            return;
        }
        RcuTree.lock(cpu, leaf);
        boolean wake = noteChangesLocked(cpu, tree, leaf, data);
        RcuTree.unlock(cpu, leaf);
        if (wake) {
            tree.wakeGpThread(cpu);
        }
    }

    /**
     * __note_gp_changes. Context: own CPU, {@code leaf} locked.
     *
     * @return true if the thread must be woken
     */
    static boolean noteChangesLocked(Cpu cpu, RcuTree tree, long leaf, long data) {
        long known = RcuData.GP_SEQ.get(cpu, data);
        long now = RcuNode.GP_SEQ.get(cpu, leaf);
        if (known == now) {
            return false;
        }
        if (GpSeq.endedBetween(known, now)) {
            SegCbList.advance(cpu, RcuData.CBLIST.of(data), now);
            RcuData.CORE_NEEDS_QS.set(cpu, data, 0);
        }
        boolean wake = accelerate(cpu, tree, leaf, data);
        if (GpSeq.startedBetween(known, now)) {
            boolean needed = (RcuNode.QSMASK.get(cpu, leaf) & RcuData.GRPMASK.get(cpu, data)) != 0;
            RcuData.CPU_NO_QS.set(cpu, data, needed ? 1 : 0);
            RcuData.CORE_NEEDS_QS.set(cpu, data, needed ? 1 : 0);
            RcuData.TICKS_THIS_GP.writeOnce(cpu, data, 0);
        }
        RcuData.GP_SEQ.writeOnce(cpu, data, now);
        return wake;
    }
}
