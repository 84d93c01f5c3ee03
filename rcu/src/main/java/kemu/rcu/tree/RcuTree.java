package kemu.rcu.tree;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Completion;
import kemu.kernel.task.Mutex;
import kemu.kernel.task.Sched;
import kemu.kernel.task.WaitQueue;
import kemu.rcu.RcuHead;
import kemu.rcu.RcuOptions;
import kemu.rcu.list.ListHead;

/**
 * Where everything is: the state, the nodes in breadth-first order, the per-CPU data. Constants after boot. The tree
 * has as many levels as the fan-outs ask for; up to 64 CPUs are two levels with the kernel's fan-outs, more with
 * smaller ones.
 */
final class RcuTree {
    private static final LockClass BARRIER_MUTEX = LockClass.of("rcu_state.barrier_mutex");
    private static final LockClass BARRIER_COMPLETION = LockClass.of("rcu_state.barrier_completion");
    private static final int MAX_LEVELS = 7;

    private final Machine machine;
    private final RcuOptions options;
    private final int dataOffset;
    private final long state;
    private final long nodes;
    private final int nodeCount;
    private final int firstLeaf;
    private final int levels;
    private BlockedReaders blockedReaders;

    RcuTree(Machine machine, RcuOptions options) {
        this.machine = machine;
        this.options = options;
        Cpu boot = machine.bootCpu();
        dataOffset = machine.reservePerCpu(RcuData.LAYOUT.sizeBytes());
        state = machine.bootAllocator().allocate(boot, RcuState.LAYOUT.sizeBytes(), 64, "rcu_state");
        int[] widths = widths(machine.cpus(), options);
        levels = widths.length;
        int count = 0;
        for (int width : widths) {
            count += width;
        }
        nodeCount = count;
        firstLeaf = count - widths[levels - 1];
        nodes = machine.bootAllocator().allocate(boot, (long) count * RcuNode.LAYOUT.sizeBytes(), 64, "rcu_node[]");
        initState(boot);
        initNodes(boot, widths);
        for (int i = 0; i < machine.cpus(); i++) {
            initData(boot, i);
        }
    }

    /** Number of nodes per level, root first. */
    private static int[] widths(int cpus, RcuOptions options) {
        int[] upwards = new int[MAX_LEVELS];
        int levels = 0;
        int width = (cpus + options.leafFanout() - 1) / options.leafFanout();
        upwards[levels++] = width;
        while (width > 1) {
            width = (width + options.fanout() - 1) / options.fanout();
            upwards[levels++] = width;
        }
        int[] widths = new int[levels];
        for (int i = 0; i < levels; i++) {
            widths[i] = upwards[levels - 1 - i];
        }
        return widths;
    }

    private void initState(Cpu boot) {
        RcuState.GP_SEQ.set(boot, state, GpSeq.INITIAL);
        WaitQueue.init(boot, RcuState.GP_WQ.of(state));
        WaitQueue.init(boot, RcuState.SYNC_WQ.of(state));
        Mutex.init(boot, RcuState.BARRIER_MUTEX.of(state), BARRIER_MUTEX);
        Completion.init(boot, RcuState.BARRIER_COMPLETION.of(state), BARRIER_COMPLETION);
    }

    private void initNodes(Cpu boot, int[] widths) {
        int parentBase = 0;
        int base = 0;
        for (int level = 0; level < levels; level++) {
            LockClass lockClass = LockClass.of("rcu_node_" + level);
            for (int i = 0; i < widths[level]; i++) {
                long node = node(base + i);
                SpinLock.init(boot, RcuNode.LOCK.of(node), lockClass);
                RcuNode.GP_SEQ.set(boot, node, GpSeq.INITIAL);
                RcuNode.GP_SEQ_NEEDED.set(boot, node, GpSeq.INITIAL);
                RcuNode.LEVEL.set(boot, node, level);
                RcuNode.GRPLO.set(boot, node, machine.cpus());
                RcuNode.GRPHI.set(boot, node, -1);
                ListHead.init(boot, RcuNode.BLKD_TASKS.of(node));
                if (level > 0) {
                    long parent = node(parentBase + i / options.fanout());
                    RcuNode.PARENT.set(boot, node, parent);
                    RcuNode.GRPMASK.set(boot, node, 1L << i % options.fanout());
                    RcuNode.QSMASK_INIT.set(
                            boot, parent, RcuNode.QSMASK_INIT.get(boot, parent) | 1L << i % options.fanout());
                }
            }
            parentBase = base;
            base += widths[level];
        }
    }

    private void initData(Cpu boot, int id) {
        long data = dataOf(id);
        long leaf = node(firstLeaf + id / options.leafFanout());
        long mask = 1L << id % options.leafFanout();
        RcuData.GP_SEQ.set(boot, data, GpSeq.INITIAL);
        RcuData.MYNODE.set(boot, data, leaf);
        RcuData.GRPMASK.set(boot, data, mask);
        RcuData.DYNTICKS.set(boot, data, 1);
        SegCbList.init(boot, RcuData.CBLIST.of(data));
        // Stall reports show it.
        machine.memory().symbols().racy(RcuData.IRQ_NESTING.of(data), Integer.BYTES);
        RcuNode.QSMASK_INIT.set(boot, leaf, RcuNode.QSMASK_INIT.get(boot, leaf) | mask);
        for (long node = leaf; node != Cpu.NULL; node = RcuNode.PARENT.get(boot, node)) {
            RcuNode.GRPLO.set(boot, node, Math.min(id, RcuNode.GRPLO.get(boot, node)));
            RcuNode.GRPHI.set(boot, node, Math.max(id, RcuNode.GRPHI.get(boot, node)));
        }
    }

    /** Says which readers can be preempted; boot only. */
    void blockedReaders(BlockedReaders readers) {
        blockedReaders = readers;
    }

    /** The preempted readers, or null if readers cannot be preempted. */
    BlockedReaders blockedReaders() {
        return blockedReaders;
    }

    Machine machine() {
        return machine;
    }

    RcuOptions options() {
        return options;
    }

    @Ref(RcuState.class)
    long state() {
        return state;
    }

    /** Node {@code index} in breadth-first order; 0 is the root. */
    @Ref(RcuNode.class)
    long node(int index) {
        return nodes + (long) index * RcuNode.LAYOUT.sizeBytes();
    }

    @Ref(RcuNode.class)
    long root() {
        return nodes;
    }

    int nodeCount() {
        return nodeCount;
    }

    /** Index of the first leaf; the leaves are the last nodes. */
    int firstLeaf() {
        return firstLeaf;
    }

    int levels() {
        return levels;
    }

    /** The data of this CPU. */
    @Ref(RcuData.class)
    long data(Cpu cpu) {
        return cpu.area() + dataOffset;
    }

    /** The data of CPU {@code id}. */
    @Ref(RcuData.class)
    long dataOf(int id) {
        return machine.cpu(id).area() + dataOffset;
    }

    /** The head that ends a batch for rcu_barrier on this CPU. */
    @Ref(RcuHead.class)
    long barrierHead(Cpu cpu) {
        return RcuData.BARRIER_HEAD.of(data(cpu));
    }

    /** Locks {@code node}, interrupts disabled; full fence. */
    static void lock(Cpu cpu, @Ref(RcuNode.class) long node) {
        SpinLock.lockIrq(cpu, RcuNode.LOCK.of(node));
        cpu.smpMb(RcuBarriers.NODE_LOCK);
    }

    /** Unlocks {@code node}; interrupts as before. */
    static void unlock(Cpu cpu, @Ref(RcuNode.class) long node) {
        SpinLock.unlockIrq(cpu, RcuNode.LOCK.of(node));
    }

    /** False if the grace-period thread has nothing but reports to go by. */
    boolean ticks() {
        return options.nextFqsJiffies() != 0;
    }

    /** True if a grace period runs. Racy. */
    boolean gpInProgress(Cpu cpu) {
        return GpSeq.state(RcuState.GP_SEQ.readOnce(cpu, state)) != 0;
    }

    /**
     * {@link #wakeGpThread} for a thread that waits for reports; without ticks it does not sleep then. Full order: the
     * report comes before its flag.
     */
    void wakeForReport(Cpu cpu) {
        if (ticks()) {
            wakeGpThread(cpu);
        } else if (Sched.current(cpu) != RcuState.GP_KTHREAD.readOnce(cpu, state)) {
            RcuState.REPORTED.xchg(cpu, state, 1);
        }
    }

    /** rcu_gp_kthread_wake: the thread looks at its flags. Context: no node lock held. */
    void wakeGpThread(Cpu cpu) {
        WaitQueue.wakeAll(cpu, RcuState.GP_WQ.of(state));
    }
}
