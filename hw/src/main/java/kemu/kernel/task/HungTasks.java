package kemu.kernel.task;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Area;
import kemu.hw.machine.Hang;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.machine.Watchdog;
import kemu.kernel.context.Task;
import kemu.kernel.locking.SpinLock;

/**
 * Looks for tasks in uninterruptible sleep that nobody wakes. A task with a timer is not one: it wakes.
 *
 * <p>Source: Linux 2.6.36 kernel/hung_task.c, from the tick instead of a thread.
 */
final class HungTasks {
    private HungTasks() {}

    /** Throws if a task sleeps for longer than the machine's watchdog allows. Context: tick, interrupts disabled. */
    static void check(Sched sched, Machine machine, Cpu cpu, long now) {
        long limit = machine.watchdog().hungTaskJiffies();
        if (limit == 0) {
            return;
        }
        TaskTable tasks = sched.tasks();
        for (int i = 0; i < tasks.count(); i++) {
            long task = tasks.at(i);
            // Racy: only a task that has slept for long passes, and that is looked at again under the lock.
            if (Task.STATE.readOnce(cpu, task) == Task.UNINTERRUPTIBLE
                    && Watchdog.exceeded(now - Task.SLEEP_JIFFIES.readOnce(cpu, task), limit)
                    && hung(sched, machine, cpu, task, now)) {
                throw new Hang(HangReport.hungTask(cpu, task, limit / MachineConfig.HZ));
            }
        }
    }

    private static boolean hung(Sched sched, Machine machine, Cpu cpu, long task, long now) {
        Cpu home = machine.cpu(Task.CPU.readOnce(cpu, task));
        long lock = RunQueue.LOCK.of(sched.rq(home));
        SpinLock.lock(cpu, lock);
        boolean asleep = Task.STATE.readOnce(cpu, task) == Task.UNINTERRUPTIBLE
                && Task.ON_RQ.get(cpu, task) == 0
                && Area.CURRENT.readOnce(cpu, home.area()) != task
                && Task.TIMER_EXPIRES.readOnce(cpu, task) == 0;
        long since = Task.SLEEP_JIFFIES.readOnce(cpu, task);
        SpinLock.unlock(cpu, lock);
        return asleep && machine.stoodStill(now - since, machine.watchdog().hungTaskJiffies());
    }
}
