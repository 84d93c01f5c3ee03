package kemu.rcu;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Barriers;
import kemu.hw.shadow.NamedByCaller;
import kemu.kernel.context.Preempt;
import kemu.kernel.context.Task;
import kemu.kernel.task.Sched;

/**
 * Read-copy-update of one machine.
 *
 * <p><b>A. Grace-period guarantee</b>
 *
 * <ul>
 *   <li>A1: {@link #synchronizeRcu} returns only after every reader that began before the call has ended.
 *   <li>A2: a callback runs only after every reader that began before its {@link #callRcu} has ended, and exactly once.
 *   <li>A3: {@link #rcuBarrier} returns only after every callback queued before the call, on any CPU, has run.
 * </ul>
 *
 * <p><b>B. Ordering</b>
 *
 * <ul>
 *   <li>B1: a reader that sees anything written after a grace period has the whole of what was written before it in
 *       sight: if it reads {@code x} then {@code y} while another CPU sets {@code x}, waits, sets {@code y}, it cannot
 *       see the new {@code y} and the old {@code x}.
 *   <li>B2: if any access of a reader comes before the grace period, all of the reader comes before its end.
 *   <li>B3: the waiting CPU executes a full fence during the wait, and so does every CPU between its readers and the
 *       end, or the start, of the grace period.
 *   <li>B4: what was written before {@link #assignPointer} is seen through a pointer got by {@link #dereference}.
 * </ul>
 *
 * <p><b>C. Progress</b>
 *
 * <ul>
 *   <li>C1: readers never wait and write nothing but their own CPU's memory; they nest.
 *   <li>C2: grace periods end if all readers do; idle CPUs and user code never delay them.
 *   <li>C3: an idle CPU's callbacks are invoked.
 *   <li>C4: a grace period that does not end is reported once it is {@link RcuOptions#stallJiffies} old.
 * </ul>
 *
 * <p><b>Not promised</b>: readers exclude nothing and order nothing; callbacks of different CPUs run in any order;
 * {@link #rcuBarrier} need not wait for a grace period. Waiting for a grace period inside a reader is a deadlock.
 * Source: Linux 6.1 Documentation/RCU/Design/Requirements.
 */
@NamedByCaller
public final class Rcu {
    /** What is done after a grace period. Context: softirq, may not sleep. */
    @FunctionalInterface
    public interface Callback {
        /** Runs with the head passed to {@link Rcu#callRcu}, on the CPU that queued it. */
        void invoke(Cpu cpu, @Ref(RcuHead.class) long rcuHead);
    }

    private static final int MAX_CALLBACKS = 256;
    /** Publishes a pointer; pairs with {@link #dereference}, which orders by dependency. Forbids: B4. */
    private static final int ASSIGN_POINTER = Barriers.release("rcu.ASSIGN_POINTER");

    private final RcuOptions options;
    private final Callback[] callbacks = new Callback[MAX_CALLBACKS];
    private final String[] callbackNames = new String[MAX_CALLBACKS];
    private final RcuFlavor flavor;

    private Rcu(Machine machine, RcuOptions options, RcuFlavor.Factory factory) {
        this.options = options;
        this.flavor = factory.boot(machine, this);
        if (options.background()) {
            Sched.of(machine).spawn(machine.bootCpu(), flavor::runGracePeriods, 0, flavor.name(), Task.PF_KTHREAD);
        }
    }

    /** Boots RCU of the flavour that {@code factory} makes. Boot only, once a machine. */
    public static Rcu boot(Machine machine, RcuOptions options, RcuFlavor.Factory factory) {
        return new Rcu(machine, options, factory);
    }

    /** How it was booted. */
    public RcuOptions options() {
        return options;
    }

    /** The flavour behind this object. */
    public RcuFlavor flavor() {
        return flavor;
    }

    /**
     * Registers a callback and returns its number for {@link #callRcu}. Boot only.
     *
     * @param name for reports
     */
    public int registerCallback(String name, Callback callback) {
        for (int i = 0; i < MAX_CALLBACKS; i++) {
            if (callbacks[i] == null) {
                callbacks[i] = callback;
                callbackNames[i] = name;
                return i;
            }
        }
        throw new IllegalStateException("more than " + MAX_CALLBACKS + " RCU callbacks: no number left for " + name);
    }

    /** The name of callback number {@code number}. */
    public String callbackName(int number) {
        return number >= 0 && number < MAX_CALLBACKS && callbacks[number] != null ? callbackNames[number] : "?";
    }

    /** rcu_read_lock: begins a reader. Nests. Context: any, but not idle. Ordering: none. */
    public void readLock(Cpu cpu) {
        flavor.readLock(cpu);
        cpu.tell(Event.RCU_READ_LOCKED, Cpu.NULL, 0);
    }

    /** rcu_read_unlock: ends the innermost reader. Ordering: none. */
    public void readUnlock(Cpu cpu) {
        cpu.tell(Event.RCU_READ_UNLOCKING, Cpu.NULL, 0);
        flavor.readUnlock(cpu);
    }

    /** rcu_dereference: the pointer at {@code address}; see B4. Context: inside a reader. */
    public long dereference(Cpu cpu, long address) {
        cpu.tell(Event.RCU_DEREFERENCED, address, 0);
        return cpu.loadDependent64(address);
    }

    /** rcu_assign_pointer: publishes {@code value} at {@code address}; see B4. Context: the updater's lock. */
    public void assignPointer(Cpu cpu, long address, long value) {
        cpu.storeRelease64(address, value, ASSIGN_POINTER);
    }

    /**
     * call_rcu: lets callback {@code number} run with {@code head} after a grace period (A2). Returns at once. Context:
     * any, under any lock but a run queue's.
     *
     * @param head belongs to RCU until the callback runs
     * @param number from {@link #registerCallback}
     * @throws KernelBug if {@code head} is queued already, or the number is not registered
     */
    public void callRcu(Cpu cpu, @Ref(RcuHead.class) long head, int number) {
        if (number < 0 || number >= MAX_CALLBACKS || callbacks[number] == null) {
            throw new KernelBug(
                    FailureKind.RCU_USAGE,
                    "BUG: call_rcu with unregistered callback " + number + " on CPU#" + cpu.id());
        }
        if ((RcuHead.FUNC.get(cpu, head) & RcuHead.QUEUED_MASK) == RcuHead.QUEUED) {
            throw doubleCall(cpu, head);
        }
        RcuHead.FUNC.set(cpu, head, RcuHead.QUEUED | number);
        cpu.tell(Event.RCU_QUEUED, head, 0);
        flavor.callRcu(cpu, head);
    }

    private KernelBug doubleCall(Cpu cpu, long head) {
        int queued = RcuHead.FUNC.get(cpu, head) & ~RcuHead.QUEUED_MASK;
        return new KernelBug(
                FailureKind.RCU_USAGE,
                "BUG: call_rcu of a head that is queued already, for " + callbackName(queued) + ", on CPU#"
                        + cpu.id() + ": 0x" + Long.toHexString(head) + " ("
                        + Machine.of(cpu).memory().symbols().nameOf(head) + ")");
    }

    /**
     * Marks {@code head} as queued for callback {@code number} without queuing it; for flavours that queue it
     * themselves.
     */
    public void setFunction(Cpu cpu, @Ref(RcuHead.class) long head, int number) {
        RcuHead.FUNC.set(cpu, head, RcuHead.QUEUED | number);
    }

    /** Runs the callback of {@code head}, which from then on belongs to the callback. Flavours only. */
    public void invoke(Cpu cpu, @Ref(RcuHead.class) long head) {
        int func = RcuHead.FUNC.get(cpu, head);
        int number = func & ~RcuHead.QUEUED_MASK;
        if ((func & RcuHead.QUEUED_MASK) != RcuHead.QUEUED || number >= MAX_CALLBACKS || callbacks[number] == null) {
            throw new KernelBug(
                    FailureKind.CORRUPTION,
                    "BUG: overwritten RCU callback on CPU#" + cpu.id() + ": head 0x" + Long.toHexString(head)
                            + " ("
                            + Machine.of(cpu).memory().symbols().nameOf(head) + ") holds function 0x"
                            + Integer.toHexString(func));
        }
        RcuHead.FUNC.set(cpu, head, 0);
        cpu.tell(Event.RCU_INVOKED, head, 0);
        callbacks[number].invoke(cpu, head);
    }

    /** synchronize_rcu: waits for a grace period (A1). Context: may sleep; not inside a reader. Ordering: B1 to B3. */
    public void synchronizeRcu(Cpu cpu) {
        cpu.tell(Event.RCU_WAITS, Event.RCU_SYNCHRONIZE, 0);
        Preempt.mightSleep(cpu, "synchronize_rcu");
        flavor.synchronizeRcu(cpu);
        cpu.tell(Event.RCU_WAITED, Event.RCU_SYNCHRONIZE, 0);
    }

    /** rcu_barrier: waits until all callbacks queued so far have run (A3). Context: may sleep; not inside a reader. */
    public void rcuBarrier(Cpu cpu) {
        cpu.tell(Event.RCU_WAITS, Event.RCU_BARRIER, 0);
        Preempt.mightSleep(cpu, "rcu_barrier");
        flavor.rcuBarrier(cpu);
        cpu.tell(Event.RCU_WAITED, Event.RCU_BARRIER, 0);
    }

    /**
     * The body of a grace-period thread, for machines booted without background work: a scenario spawns it as a task.
     * It never returns.
     */
    public void runGracePeriods(Cpu cpu) {
        flavor.runGracePeriods(cpu);
    }

    /**
     * Does on this CPU, now, what its tick and softirq would: reports a quiescent state, starts grace periods, invokes
     * callbacks whose grace period is over. For scenarios without background work. Context: may sleep.
     */
    public void advance(Cpu cpu) {
        Preempt.mightSleep(cpu, "rcu_advance");
        flavor.advance(cpu);
    }

    /** Grace periods completed since boot. */
    public long gracePeriods(Cpu cpu) {
        return flavor.gracePeriods(cpu);
    }

    /** Ticks since the running grace period began, which is the oldest one; 0 if none is running. Racy. */
    public long gracePeriodAge(Cpu cpu) {
        return flavor.gracePeriodAge(cpu);
    }

    /** Callbacks queued on all CPUs since boot. Racy. */
    public long callbacksQueued(Cpu cpu) {
        return flavor.callbacksQueued(cpu);
    }

    /** Callbacks invoked on all CPUs since boot. Racy. */
    public long callbacksInvoked(Cpu cpu) {
        return flavor.callbacksInvoked(cpu);
    }

    /** Stalls reported since boot. */
    public long stalls(Cpu cpu) {
        return flavor.stalls(cpu);
    }
}
