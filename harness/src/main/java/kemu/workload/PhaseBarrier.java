package kemu.workload;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.StructLayout;
import kemu.kernel.context.Task;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Entry;
import kemu.kernel.task.Sched;
import kemu.kernel.task.WaitQueue;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;
import kemu.mm.process.Processes;

/**
 * Where the workers of a workload wait for each other, and for the conductor, who looks at the machine while all of
 * them sleep. A page of emulated memory with the kernel's own lock and queues: what is asleep here is at rest.
 */
final class PhaseBarrier {
    private static final StructLayout.Builder S = StructLayout.struct("phase_barrier");
    /** Guards the numbers. */
    private static final Embedded LOCK = S.embed("lock", SpinLock.LAYOUT);
    /** Workers that are to come. {@link #LOCK}. */
    private static final I32Field MEMBERS = S.i32("members");
    /** Workers that wait. {@link #LOCK}. */
    private static final I32Field ARRIVED = S.i32("arrived");
    /** Phases that are over. Written under {@link #LOCK}, read without. */
    private static final I64Field PHASE = S.i64("phase");
    /** The workers. */
    private static final Embedded WORKERS = S.embed("workers", WaitQueue.LAYOUT);
    /** The conductor. */
    private static final Embedded CONDUCTOR = S.embed("conductor", WaitQueue.LAYOUT);

    static final StructLayout LAYOUT = S.build(8);
    private static final LockClass LOCK_CLASS = LockClass.of("phase_barrier->lock");

    private final Kernel kernel;
    private final long page;
    private final long at;

    /** For {@code members} workers; NULL memory is the caller's to notice: {@link #made}. Context: may sleep. */
    PhaseBarrier(Kernel kernel, Cpu cpu, int members) {
        this.kernel = kernel;
        page = kernel.pages().allocPages(cpu, Gfp.KERNEL, 0);
        at = page == Cpu.NULL ? Cpu.NULL : kernel.pages().frameOf(page);
        if (at != Cpu.NULL) {
            cpu.clearFrame(at);
            SpinLock.init(cpu, LOCK.of(at), LOCK_CLASS);
            WaitQueue.init(cpu, WORKERS.of(at));
            WaitQueue.init(cpu, CONDUCTOR.of(at));
            MEMBERS.set(cpu, at, members);
        }
    }

    /** False if there was no memory for it. */
    boolean made() {
        return at != Cpu.NULL;
    }

    /** Gives the memory back. Context: nobody uses the barrier any more. */
    void free(Cpu cpu) {
        kernel.pages().putPage(cpu, page);
    }

    /** A worker has ended a phase: returns when the conductor lets all go on, or the worker was killed. */
    void await(Cpu cpu) {
        Entry.enter(cpu);
        SpinLock.lock(cpu, LOCK.of(at));
        long phase = PHASE.readOnce(cpu, at);
        ARRIVED.set(cpu, at, ARRIVED.get(cpu, at) + 1);
        boolean last = complete(cpu);
        SpinLock.unlock(cpu, LOCK.of(at));
        if (last) {
            WaitQueue.wakeAll(cpu, CONDUCTOR.of(at));
        }
        sleep(cpu, phase);
        Entry.exit(cpu);
    }

    private boolean complete(Cpu cpu) {
        return ARRIVED.get(cpu, at) >= MEMBERS.get(cpu, at);
    }

    private void sleep(Cpu cpu, long phase) {
        long queue = WORKERS.of(at);
        WaitQueue.prepare(cpu, queue, Task.INTERRUPTIBLE);
        // Ends when the conductor lets all go on; whoever was killed meanwhile goes at once, and leaves.
        while (PHASE.readOnce(cpu, at) == phase && !Processes.killed(cpu)) {
            Sched.of(cpu).schedule(cpu);
            WaitQueue.prepare(cpu, queue, Task.INTERRUPTIBLE);
        }
        WaitQueue.finish(cpu, queue);
        SpinLock.lock(cpu, LOCK.of(at));
        if (PHASE.readOnce(cpu, at) == phase) {
            ARRIVED.set(cpu, at, ARRIVED.get(cpu, at) - 1);
        }
        SpinLock.unlock(cpu, LOCK.of(at));
    }

    /** A worker comes no more: it has ended, or never began. */
    void leave(Cpu cpu) {
        SpinLock.lock(cpu, LOCK.of(at));
        MEMBERS.set(cpu, at, MEMBERS.get(cpu, at) - 1);
        boolean last = complete(cpu);
        SpinLock.unlock(cpu, LOCK.of(at));
        if (last) {
            WaitQueue.wakeAll(cpu, CONDUCTOR.of(at));
        }
    }

    /** The conductor waits until every worker does; how many these are. Context: may sleep. */
    int awaitWorkers(Cpu cpu) {
        long queue = CONDUCTOR.of(at);
        // Ends when the last worker arrives or leaves; the watchdog sees one that hangs.
        while (true) {
            WaitQueue.prepare(cpu, queue, Task.INTERRUPTIBLE);
            SpinLock.lock(cpu, LOCK.of(at));
            boolean here = complete(cpu);
            int members = MEMBERS.get(cpu, at);
            SpinLock.unlock(cpu, LOCK.of(at));
            if (here) {
                WaitQueue.finish(cpu, queue);
                return members;
            }
            Sched.of(cpu).schedule(cpu);
        }
    }

    /** The conductor lets the next phase begin. */
    void release(Cpu cpu) {
        SpinLock.lock(cpu, LOCK.of(at));
        ARRIVED.set(cpu, at, 0);
        PHASE.writeOnce(cpu, at, PHASE.readOnce(cpu, at) + 1);
        SpinLock.unlock(cpu, LOCK.of(at));
        WaitQueue.wakeAll(cpu, WORKERS.of(at));
    }
}
