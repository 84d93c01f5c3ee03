package kemu.kernel.task;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.kernel.context.Task;
import kemu.kernel.locking.SpinLock;

/** {@code struct rq}: the ready tasks of one CPU, first in, first out; and the CPU's timers. */
final class RunQueue {
    private static final StructLayout.Builder S = StructLayout.struct("rq");
    /** Guards the queue; taken with interrupts disabled. */
    static final Embedded LOCK = S.embed("lock", SpinLock.LAYOUT);
    /** First ready task. Guarded by the lock. */
    static final RefField HEAD = S.ref("head", Task.class);
    /** Last ready task. Guarded by the lock. */
    static final RefField TAIL = S.ref("tail", Task.class);
    /** Ready tasks, the running one not counted. Guarded by the lock; read racily to place new tasks. */
    static final I32Field NR_READY = S.i32("nr_ready");
    /** Tasks pinned to this CPU, asleep or not, kernel threads not counted. Atomics. */
    static final I32Field NR_TASKS = S.i32("nr_tasks");
    /** Task that last left the CPU and whose reference the next one must drop if it is dead. Own CPU only. */
    static final RefField PREVIOUS = S.ref("previous", Task.class);
    /** Head of the list of tasks with a timer. Own CPU only, interrupts disabled. */
    static final RefField TIMERS = S.ref("timers", Task.class);
    /** Context switches. Own CPU only. */
    static final I64Field SWITCHES = S.i64("switches");

    static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    private RunQueue() {}

    /** Appends {@code task}. Context: queue locked. */
    static void enqueue(Cpu cpu, long rq, long task) {
        Task.RUN_NEXT.set(cpu, task, Cpu.NULL);
        Task.ON_RQ.set(cpu, task, 1);
        long tail = TAIL.get(cpu, rq);
        if (tail == Cpu.NULL) {
            HEAD.set(cpu, rq, task);
        } else {
            Task.RUN_NEXT.set(cpu, tail, task);
        }
        TAIL.set(cpu, rq, task);
        NR_READY.writeOnce(cpu, rq, NR_READY.get(cpu, rq) + 1);
    }

    /** Takes the first task, or NULL. Context: queue locked. */
    static long dequeue(Cpu cpu, long rq) {
        long head = HEAD.get(cpu, rq);
        if (head != Cpu.NULL) {
            long next = Task.RUN_NEXT.get(cpu, head);
            HEAD.set(cpu, rq, next);
            if (next == Cpu.NULL) {
                TAIL.set(cpu, rq, Cpu.NULL);
            }
            Task.ON_RQ.set(cpu, head, 0);
            NR_READY.writeOnce(cpu, rq, NR_READY.get(cpu, rq) - 1);
        }
        return head;
    }
}
