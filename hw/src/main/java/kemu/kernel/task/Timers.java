package kemu.kernel.task;

import kemu.hw.cpu.Cpu;
import kemu.kernel.context.Preempt;
import kemu.kernel.context.Task;

/** Wake-up timers: one per task, on a list of the task's CPU. Only that CPU touches the list, interrupts disabled. */
final class Timers {
    private Timers() {}

    /** Arms the timer of {@code task}, which runs on this CPU. */
    static void add(Cpu cpu, long rq, long task, long expires) {
        Preempt.irqDisable(cpu);
        Task.TIMER_EXPIRES.writeOnce(cpu, task, expires);
        Task.TIMER_NEXT.set(cpu, task, RunQueue.TIMERS.get(cpu, rq));
        RunQueue.TIMERS.set(cpu, rq, task);
        Preempt.irqEnable(cpu);
    }

    /** Disarms the timer of {@code task} if it is still armed. */
    static void cancel(Cpu cpu, long rq, long task) {
        Preempt.irqDisable(cpu);
        if (Task.TIMER_EXPIRES.get(cpu, task) != 0) {
            remove(cpu, rq, task);
        }
        Preempt.irqEnable(cpu);
    }

    private static void remove(Cpu cpu, long rq, long task) {
        long next = Task.TIMER_NEXT.get(cpu, task);
        long at = RunQueue.TIMERS.get(cpu, rq);
        if (at == task) {
            RunQueue.TIMERS.set(cpu, rq, next);
        } else {
            // Ends: the task is on the list, which is finite.
            while (Task.TIMER_NEXT.get(cpu, at) != task) {
                at = Task.TIMER_NEXT.get(cpu, at);
            }
            Task.TIMER_NEXT.set(cpu, at, next);
        }
        Task.TIMER_EXPIRES.writeOnce(cpu, task, 0);
    }

    /** Wakes every task of this CPU whose time has come. Context: tick. */
    static void expire(Sched sched, Cpu cpu, long rq, long now) {
        long task = RunQueue.TIMERS.get(cpu, rq);
        while (task != Cpu.NULL) {
            long next = Task.TIMER_NEXT.get(cpu, task);
            if (Task.TIMER_EXPIRES.get(cpu, task) <= now) {
                remove(cpu, rq, task);
                sched.wakeUp(cpu, task);
            }
            task = next;
        }
    }
}
