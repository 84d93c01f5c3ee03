package kemu.kernel.task;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.StructLayout;
import kemu.kernel.context.Preempt;
import kemu.kernel.locking.LockClass;

/**
 * {@code struct completion}: waits until something has been done, once per {@link #complete}. The memory may be reused
 * as soon as the last waiter has returned.
 *
 * <p>Ordering: what came before {@link #complete} is seen after the {@link #await} that it ended.
 *
 * <p>Source: Linux 2.6.36 kernel/sched.c, wait_for_completion() and complete().
 */
public final class Completion {
    private static final long ALL = Long.MAX_VALUE / 2;

    private static final StructLayout.Builder S = StructLayout.struct("completion");
    /** Completions that nobody has waited for yet. Guarded by the queue's lock; read racily. */
    public static final I64Field DONE = S.i64("done");
    /** Always -1: a completion has no holder. */
    public static final I32Field OWNER = S.i32("owner");
    /** {@link LockClass#word}; constant after init. */
    public static final I32Field CLASS = S.i32("class");
    /** Tasks that wait, first come first. */
    public static final Embedded WAIT = S.embed("wait", WaitQueue.LAYOUT);
    /** Size and members. */
    public static final StructLayout LAYOUT = S.build(8);

    private static final LockClass WAIT_LOCK = LockClass.of("completion->wait.lock");

    private Completion() {}

    /** init_completion: nothing done yet. */
    public static void init(Cpu cpu, @Ref(Completion.class) long completion, LockClass lockClass) {
        DONE.writeOnce(cpu, completion, 0);
        OWNER.set(cpu, completion, -1);
        CLASS.set(cpu, completion, lockClass.word(LockClass.COMPLETION));
        WaitQueue.init(cpu, WAIT.of(completion), WAIT_LOCK);
    }

    /** wait_for_completion: takes one completion, asleep until there is one. Context: may sleep. */
    public static void await(Cpu cpu, @Ref(Completion.class) long completion) {
        Preempt.mightSleep(cpu, "wait_for_completion");
        if (tryAwait(cpu, completion)) {
            return;
        }
        long queue = WAIT.of(completion);
        WaitQueue.lock(cpu, queue);
        if (take(cpu, completion)) {
            WaitQueue.unlock(cpu, queue);
            return;
        }
        Waiters.add(cpu, queue, Waiters.WRITER);
        WaitQueue.unlock(cpu, queue);
        Waiters.sleep(cpu, completion);
        // The completer may still be about to unlock the queue; wait it out, so that the caller may free the memory.
        WaitQueue.lock(cpu, queue);
        WaitQueue.unlock(cpu, queue);
    }

    /** try_wait_for_completion: takes one completion if there is one. Any context. */
    public static boolean tryAwait(Cpu cpu, @Ref(Completion.class) long completion) {
        if (DONE.readOnce(cpu, completion) == 0) {
            return false;
        }
        WaitQueue.lock(cpu, WAIT.of(completion));
        boolean taken = take(cpu, completion);
        WaitQueue.unlock(cpu, WAIT.of(completion));
        return taken;
    }

    private static boolean take(Cpu cpu, long completion) {
        long done = DONE.readOnce(cpu, completion);
        if (done == 0) {
            return false;
        }
        if (done < ALL) {
            DONE.writeOnce(cpu, completion, done - 1);
        }
        return true;
    }

    /** complete: lets one waiter go on, now or when it comes. Any context. */
    public static void complete(Cpu cpu, @Ref(Completion.class) long completion) {
        long queue = WAIT.of(completion);
        WaitQueue.lock(cpu, queue);
        long first = WaitQueue.HEAD.get(cpu, queue);
        if (first != Cpu.NULL) {
            Waiters.grant(cpu, queue, first);
        } else if (DONE.readOnce(cpu, completion) < ALL) {
            DONE.writeOnce(cpu, completion, DONE.readOnce(cpu, completion) + 1);
        }
        WaitQueue.unlock(cpu, queue);
    }

    /** complete_all: lets everybody go on, now and later, until {@link #init}. Any context. */
    public static void completeAll(Cpu cpu, @Ref(Completion.class) long completion) {
        long queue = WAIT.of(completion);
        WaitQueue.lock(cpu, queue);
        DONE.writeOnce(cpu, completion, ALL);
        // Ends: each round takes one off the queue, which is locked.
        while (WaitQueue.HEAD.get(cpu, queue) != Cpu.NULL) {
            Waiters.grant(cpu, queue, WaitQueue.HEAD.get(cpu, queue));
        }
        WaitQueue.unlock(cpu, queue);
    }
}
