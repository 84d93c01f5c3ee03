package kemu.kernel.task;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.kernel.context.Task;

/**
 * Waiting for a lock that is handed over: the releaser takes the waiter off the queue and grants it the lock, so a
 * wake-up can neither be lost nor stolen. Used by the locks that sleep, with the queue and task links of
 * {@link WaitQueue}.
 */
final class Waiters {
    /** {@link Task#WAIT_KIND} of a task that has been granted what it waited for, and of one that does not wait. */
    static final int GRANTED = 0;
    /** Waits to share. */
    static final int READER = 1;
    /** Waits to own. */
    static final int WRITER = 2;

    private Waiters() {}

    /** Queues the current task as {@code kind}. Context: queue locked. */
    static void add(Cpu cpu, long queue, int kind) {
        long task = Sched.current(cpu);
        if (Task.ON_WAIT.get(cpu, task) != 0) {
            throw new KernelBug(
                    FailureKind.ATOMIC_CONTEXT,
                    "BUG: blocking on a lock while on a wait queue, pid " + Task.PID.get(cpu, task) + " on CPU#"
                            + cpu.id());
        }
        if (!Machine.of(cpu).running()) {
            throw new KernelBug(FailureKind.HANG, "BUG: boot code waits for a lock that nobody can free");
        }
        // Relaxed: the queue's lock orders it against the granter.
        Task.WAIT_KIND.writeOnce(cpu, task, kind);
        WaitQueue.append(cpu, queue, task);
    }

    /** Takes {@code task} off the queue and lets it go on. Context: queue locked. */
    static void grant(Cpu cpu, long queue, long task) {
        Sched sched = Sched.of(cpu);
        WaitQueue.unlink(cpu, queue, task);
        // The task may see the grant before the wake-up and even exit; the reference keeps its slot from reuse.
        sched.get(cpu, task);
        Task.WAIT_KIND.release(cpu, task, GRANTED);
        sched.wakeUp(cpu, task);
        sched.put(cpu, task);
    }

    /** Sleeps until the current task, which {@link #add} queued, is granted {@code lock}. Acquire. */
    static void sleep(Cpu cpu, long lock) {
        Sched sched = Sched.of(cpu);
        long task = Sched.current(cpu);
        Task.BLOCKED_ON.writeOnce(cpu, task, lock);
        Sched.setState(cpu, Task.UNINTERRUPTIBLE);
        // Ends when the lock is handed over; the hung-task detector reports one that is not.
        while (Task.WAIT_KIND.acquire(cpu, task) != GRANTED) {
            sched.schedule(cpu);
            Sched.setState(cpu, Task.UNINTERRUPTIBLE);
        }
        Task.STATE.writeOnce(cpu, task, Task.RUNNING);
        Task.BLOCKED_ON.writeOnce(cpu, task, Cpu.NULL);
    }
}
