package kemu.kernel.lockdep;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Event;
import kemu.hw.cpu.Witness;
import kemu.hw.machine.Area;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.shadow.CallStack;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;

/**
 * Finds locks that can deadlock, from the order in which classes of locks are taken: a cycle of orders, a class taken
 * by a task that holds one of the same class, a lock that interrupts take and that is also taken with interrupts
 * enabled (or after such a lock), memory freed with a held lock in it, and sleeping where that is not allowed. That the
 * lock freed is one that is held is for {@link kemu.kernel.task.LockBalance}.
 *
 * <p>Where a task takes two locks of one class in an order that cannot deadlock, it says so:
 * {@link SpinLock#lockNested}, or {@link SpinLock#lockNestLock} of many. Locks of a task count for the task wherever it
 * sleeps; the run queue's, which passes from one task to the next, counts for its CPU. A lock that is only tried for is
 * held, but waits for nobody.
 *
 * <p>What is found is kept and nothing stops, as the kernel warns and goes on; each finding once in an execution.
 */
public final class LockDep implements Witness {
    /** Class of all bit locks: they have no room for one. */
    static final int BIT_CLASS = 0;

    /** Taken in a handler of interrupts. */
    static final int IN_HARDIRQ = 1;
    /** Taken where handlers of interrupts may strike. */
    static final int HARDIRQ_ON = 2;
    /** Taken in a softirq. */
    static final int IN_SOFTIRQ = 4;
    /** Taken where softirqs may strike. */
    static final int SOFTIRQ_ON = 8;

    private static final int MOST_FOUND = 8;
    private static final int RQ_CLASS = LockClass.RUN_QUEUE.id();

    private final LockGraph graph = new LockGraph();
    private final HeldLocks held = new HeldLocks();
    private final LockDepReport report;
    private final List<KernelBug> found = new ArrayList<>();
    /** Heads of what was found. */
    private final Set<String> known = new HashSet<>();
    /** Where the locks of an order were taken, by its two nodes; only while stacks are kept. */
    private final Map<Integer, CallStack[]> orders = new HashMap<>();

    private boolean stacks;
    private boolean irqs;

    /** Watches {@code machine}. */
    public LockDep(EmuMachine machine) {
        report = new LockDepReport(machine, graph, held, orders);
        machine.attach(this);
    }

    /** Keeps where locks are taken, or not: slow, for the report of a fault that is known. */
    public void keepStacks(boolean value) {
        stacks = value;
    }

    /** An execution begins: nobody holds anything, no order is known. */
    public void begin() {
        graph.clear();
        held.clear();
        found.clear();
        known.clear();
        orders.clear();
        irqs = false;
    }

    /** What was wrong in this execution, first come first. */
    public List<KernelBug> found() {
        return found;
    }

    @Override
    public void told(EmuCpu cpu, int event, long lock, long detail) {
        switch (event) {
            case Event.LOCK_WANTED -> wanted(cpu, lock, (int) detail);
            case Event.LOCKED -> locked(cpu, lock, (int) detail);
            case Event.UNLOCKING -> held.remove(ownerOf(cpu, classOf(cpu, lock, (int) detail)), lock);
            case Event.SLEEPS_IN_ATOMIC -> throw new KernelBug(FailureKind.ATOMIC_CONTEXT, report.sleeping(cpu));
            default -> {}
        }
    }

    static int classOf(EmuCpu cpu, long lock, int mode) {
        return Event.kindOf(mode) == LockClass.BIT ? BIT_CLASS : cpu.peek32(SpinLock.CLASS.of(lock));
    }

    /** The task of {@code cpu}, or the CPU itself, which holds the lock of its run queue. */
    private static long ownerOf(EmuCpu cpu, int lockClass) {
        return lockClass == RQ_CLASS ? ownerOf(cpu) : taskOn(cpu);
    }

    private static long ownerOf(EmuCpu cpu) {
        return -1L - cpu.id();
    }

    static long taskOn(EmuCpu cpu) {
        return cpu.peekAt(Area.CURRENT.of(cpu.area()), Long.BYTES);
    }

    private int nodeOf(EmuCpu cpu, long lock, int mode) {
        int lockClass = classOf(cpu, lock, mode);
        // A lock that was never initialised has none.
        return lockClass == 0 && Event.kindOf(mode) != LockClass.BIT
                ? LockGraph.NONE
                : graph.node(lockClass, Event.subclassOf(mode));
    }

    private void locked(EmuCpu cpu, long lock, int mode) {
        int node = nodeOf(cpu, lock, mode);
        if (node != LockGraph.NONE) {
            if ((mode & Event.TRY) != 0) {
                use(cpu, lock, node, mode);
            }
            int lockClass = classOf(cpu, lock, mode);
            CallStack at = stacks ? CallStack.here() : null;
            held.add(ownerOf(cpu, lockClass), lock, node, mode, contextOf(cpu), at);
        }
    }

    private void wanted(EmuCpu cpu, long lock, int mode) {
        int node = nodeOf(cpu, lock, mode);
        if (node == LockGraph.NONE) {
            return;
        }
        use(cpu, lock, node, mode);
        long task = taskOn(cpu);
        long self = ownerOf(cpu);
        int context = contextOf(cpu);
        for (int i = held.count - 1; i >= 0; i--) {
            if (held.owners[i] != task && held.owners[i] != self) {
                continue;
            }
            int first = held.nodes[i];
            if (first == node && Event.kindOf(mode) != LockClass.BIT && (mode & Event.NEST) == 0) {
                add(report.recursive(cpu, lock, mode, i));
            } else if (held.contexts[i] == context && first != node && !graph.has(first, node)) {
                order(cpu, lock, node, mode, i);
            }
        }
    }

    /** {@code lock} is about to be taken while the held lock {@code i} is held, for the first time. */
    private void order(EmuCpu cpu, long lock, int node, int mode, int i) {
        int first = held.nodes[i];
        if (graph.find(node, first, 0) != LockGraph.NONE) {
            add(report.circular(cpu, lock, mode, i, graph.path(first)));
        }
        graph.add(first, node);
        if (stacks) {
            orders.put(first * LockGraph.MAX + node, new CallStack[] {held.takenAt[i], CallStack.here()});
        }
        if (irqs) {
            checkInterrupts(cpu, lock, mode);
        }
    }

    // ---- interrupts -----------------------------------------------------------------------------------------------

    private static int contextOf(EmuCpu cpu) {
        int count = cpu.peek32(Area.PREEMPT_COUNT.of(cpu.area()));
        return count >= Area.HARDIRQ ? IN_HARDIRQ : count >= Area.SOFTIRQ ? IN_SOFTIRQ : 0;
    }

    private void use(EmuCpu cpu, long lock, int node, int mode) {
        int context = contextOf(cpu);
        int bits = context;
        if (cpu.peek32(Area.IRQ_DEPTH.of(cpu.area())) == 0) {
            bits |= HARDIRQ_ON | (context == 0 ? SOFTIRQ_ON : 0);
        }
        irqs |= context != 0;
        if (bits != 0 && graph.use(node, bits) && irqs) {
            int used = graph.usage(node);
            if ((used & (IN_HARDIRQ | HARDIRQ_ON)) == (IN_HARDIRQ | HARDIRQ_ON)) {
                add(report.inconsistent(cpu, lock, node, mode, "HARDIRQ", context == IN_HARDIRQ));
            } else if ((used & (IN_SOFTIRQ | SOFTIRQ_ON)) == (IN_SOFTIRQ | SOFTIRQ_ON)) {
                add(report.inconsistent(cpu, lock, node, mode, "SOFTIRQ", context == IN_SOFTIRQ));
            }
            checkInterrupts(cpu, lock, mode);
        }
    }

    /** Nothing that interrupts take may wait for what is taken with interrupts enabled. */
    private void checkInterrupts(EmuCpu cpu, long lock, int mode) {
        for (int node = 0; node < graph.count(); node++) {
            checkInterrupts(cpu, lock, mode, node, IN_HARDIRQ, HARDIRQ_ON);
            checkInterrupts(cpu, lock, mode, node, IN_SOFTIRQ, SOFTIRQ_ON);
        }
    }

    private void checkInterrupts(EmuCpu cpu, long lock, int mode, int node, int in, int on) {
        if ((graph.usage(node) & (in | on)) == in) {
            int unsafe = graph.find(node, LockGraph.NONE, on);
            if (unsafe != LockGraph.NONE) {
                String context = in == IN_HARDIRQ ? "HARDIRQ" : "SOFTIRQ";
                add(report.inversion(cpu, lock, mode, context, graph.path(unsafe)));
            }
        }
    }

    // ---- freeing --------------------------------------------------------------------------------------------------

    /** The task of {@code cpu} is about to free {@code bytes} bytes of memory at {@code from}. */
    public void freeing(EmuCpu cpu, long from, long bytes) {
        long task = taskOn(cpu);
        for (int i = held.count - 1; i >= 0; i--) {
            if (held.owners[i] == task && held.locks[i] >= from && held.locks[i] < from + bytes) {
                add(report.freed(cpu, from, bytes, i));
            }
        }
    }

    private void add(LockDepReport.Finding finding) {
        if (found.size() < MOST_FOUND && known.add(finding.key())) {
            found.add(new KernelBug(finding.kind(), finding.key() + finding.text()));
        }
    }
}
