package kemu.kernel.task;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.Ref;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.kernel.context.Preempt;
import kemu.kernel.context.Task;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;

/**
 * {@code wait_queue_head_t}: tasks that wait for a condition, first come, first woken. A task waits on one queue at a
 * time, so its links live in the task.
 *
 * <p>Use: {@code prepare; while (!condition) { schedule; prepare } finish}. The full fence in {@link #prepare} pairs
 * with the one in {@link Sched#wakeUp}: either the sleeper sees the condition or the waker sees the sleeper.
 */
public final class WaitQueue {
    private static final StructLayout.Builder S = StructLayout.struct("wait_queue_head");
    /** Guards the list; taken with interrupts disabled. */
    public static final Embedded LOCK = S.embed("lock", SpinLock.LAYOUT);
    /** First waiter. Guarded by the lock. */
    public static final RefField HEAD = S.ref("head", Task.class);
    /** Last waiter. Guarded by the lock. */
    public static final RefField TAIL = S.ref("tail", Task.class);
    /** Size and members. */
    public static final StructLayout LAYOUT = S.build(8);

    private static final LockClass WAIT_LOCK = LockClass.of("wait_queue_head->lock");

    private WaitQueue() {}

    /** Makes the queue at {@code queue} empty. */
    public static void init(Cpu cpu, @Ref(WaitQueue.class) long queue) {
        init(cpu, queue, WAIT_LOCK);
    }

    /** Makes the queue empty; its lock is of {@code lockClass}. */
    static void init(Cpu cpu, long queue, LockClass lockClass) {
        SpinLock.init(cpu, LOCK.of(queue), lockClass);
        HEAD.set(cpu, queue, Cpu.NULL);
        TAIL.set(cpu, queue, Cpu.NULL);
    }

    /** prepare_to_wait: queues the current task, if it is not queued, and sets its state. Full fence. */
    public static void prepare(Cpu cpu, @Ref(WaitQueue.class) long queue, int state) {
        long task = Sched.current(cpu);
        lock(cpu, queue);
        if (Task.ON_WAIT.get(cpu, task) == 0) {
            append(cpu, queue, task);
        }
        Sched.setState(cpu, state);
        unlock(cpu, queue);
    }

    /** finish_wait: the current task runs again and leaves the queue. */
    public static void finish(Cpu cpu, @Ref(WaitQueue.class) long queue) {
        long task = Sched.current(cpu);
        Task.STATE.writeOnce(cpu, task, Task.RUNNING);
        lock(cpu, queue);
        if (Task.ON_WAIT.get(cpu, task) != 0) {
            unlink(cpu, queue, task);
        }
        unlock(cpu, queue);
    }

    /** wake_up_all: wakes every waiter; they leave the queue themselves. */
    public static void wakeAll(Cpu cpu, @Ref(WaitQueue.class) long queue) {
        wake(cpu, queue, Integer.MAX_VALUE);
    }

    /** wake_up: wakes the first waiter that sleeps. */
    public static void wakeOne(Cpu cpu, @Ref(WaitQueue.class) long queue) {
        wake(cpu, queue, 1);
    }

    /** True if somebody waits. Racy: the caller orders it after its change of the condition with a full fence. */
    public static boolean active(Cpu cpu, @Ref(WaitQueue.class) long queue) {
        return HEAD.readOnce(cpu, queue) != Cpu.NULL;
    }

    private static void wake(Cpu cpu, long queue, int most) {
        Sched sched = Sched.of(cpu);
        lock(cpu, queue);
        int left = most;
        long task = HEAD.get(cpu, queue);
        while (task != Cpu.NULL && left > 0) {
            long next = Task.WAIT_NEXT.get(cpu, task);
            if (sched.wakeUp(cpu, task)) {
                left--;
            }
            task = next;
        }
        unlock(cpu, queue);
    }

    static void lock(Cpu cpu, long queue) {
        Preempt.irqDisable(cpu);
        SpinLock.lock(cpu, LOCK.of(queue));
    }

    static void unlock(Cpu cpu, long queue) {
        SpinLock.unlock(cpu, LOCK.of(queue));
        Preempt.irqEnable(cpu);
    }

    /** Appends {@code task}. Context: queue locked. */
    static void append(Cpu cpu, long queue, long task) {
        long tail = TAIL.get(cpu, queue);
        Task.WAIT_PREV.set(cpu, task, tail);
        Task.WAIT_NEXT.set(cpu, task, Cpu.NULL);
        if (tail == Cpu.NULL) {
            HEAD.writeOnce(cpu, queue, task);
        } else {
            Task.WAIT_NEXT.set(cpu, tail, task);
        }
        TAIL.set(cpu, queue, task);
        Task.ON_WAIT.set(cpu, task, 1);
    }

    /** Removes {@code task}. Context: queue locked. */
    static void unlink(Cpu cpu, long queue, long task) {
        long previous = Task.WAIT_PREV.get(cpu, task);
        long next = Task.WAIT_NEXT.get(cpu, task);
        if (previous == Cpu.NULL) {
            HEAD.writeOnce(cpu, queue, next);
        } else {
            Task.WAIT_NEXT.set(cpu, previous, next);
        }
        if (next == Cpu.NULL) {
            TAIL.set(cpu, queue, previous);
        } else {
            Task.WAIT_PREV.set(cpu, next, previous);
        }
        Task.ON_WAIT.set(cpu, task, 0);
    }
}
