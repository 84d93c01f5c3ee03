package kemu.kernel.task;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.StructLayout;
import kemu.hw.machine.Area;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Barriers;
import kemu.hw.shadow.NamedByCaller;
import kemu.kernel.context.Preempt;
import kemu.kernel.context.Task;
import kemu.kernel.locking.LockClass;

/**
 * {@code struct mutex}: one owner, the others asleep, first come, first served. Once somebody waits the lock is handed
 * over, never stolen.
 *
 * <p>Ordering: lock is an acquire, unlock a release. An unlock by another task is a kernel bug at the spot with lock
 * debugging; without it the lock is freed under its owner.
 *
 * <p>Source: Linux 2.6.36 kernel/mutex.c, with handing over.
 */
@NamedByCaller
public final class Mutex {
    private static final long LOCKED = 1;
    private static final long WAITING = 2;

    private static final StructLayout.Builder S = StructLayout.struct("mutex");
    /** A bit for locked and one for a queue that is not empty. Atomics. */
    public static final I64Field COUNT = S.i64("count");
    /** Pid of the holder, -1 if none. Written by the holder, read racily. */
    public static final I32Field OWNER = S.i32("owner");
    /** {@link LockClass#word}; constant after init. */
    public static final I32Field CLASS = S.i32("class");
    /** Tasks that wait, first come first. */
    public static final Embedded WAIT = S.embed("wait", WaitQueue.LAYOUT);
    /** Size and members. */
    public static final StructLayout LAYOUT = S.build(8);

    private static final LockClass WAIT_LOCK = LockClass.of("mutex->wait.lock");
    private static final int LOCK = Barriers.acquire("mutex.LOCK");
    private static final int UNLOCK = Barriers.release("mutex.UNLOCK");
    /** A waiter announces itself and sees whether the holder has gone meanwhile. */
    private static final int ANNOUNCE = Barriers.full("mutex.ANNOUNCE");
    /** The lock passes from the one before to the one granted. */
    private static final int HAND_OVER = Barriers.full("mutex.HAND_OVER");

    private Mutex() {}

    /** mutex_init: free, of {@code lockClass}. */
    public static void init(Cpu cpu, @Ref(Mutex.class) long mutex, LockClass lockClass) {
        COUNT.writeOnce(cpu, mutex, 0);
        OWNER.set(cpu, mutex, -1);
        CLASS.set(cpu, mutex, lockClass.word(LockClass.MUTEX));
        WaitQueue.init(cpu, WAIT.of(mutex), WAIT_LOCK);
    }

    /** mutex_lock: owns the lock; sleeps while another task does. Context: may sleep. */
    public static void lock(Cpu cpu, @Ref(Mutex.class) long mutex) {
        Preempt.mightSleep(cpu, "mutex_lock");
        cpu.tell(Event.LOCK_WANTED, mutex, LockClass.MUTEX);
        if (cpu.cmpxchg64(COUNT.of(mutex), 0, LOCKED, LOCK) != 0) {
            lockSlow(cpu, mutex);
        }
        cpu.tell(Event.LOCKED, mutex, LockClass.MUTEX);
        OWNER.writeOnce(cpu, mutex, Area.CURRENT_PID.get(cpu, cpu.area()));
    }

    /** mutex_trylock: owns the lock if it is free. Context: task. */
    public static boolean tryLock(Cpu cpu, @Ref(Mutex.class) long mutex) {
        if (COUNT.readOnce(cpu, mutex) != 0 || cpu.cmpxchg64(COUNT.of(mutex), 0, LOCKED, LOCK) != 0) {
            return false;
        }
        cpu.tell(Event.LOCKED, mutex, LockClass.MUTEX | Event.TRY);
        OWNER.writeOnce(cpu, mutex, Area.CURRENT_PID.get(cpu, cpu.area()));
        return true;
    }

    /** mutex_unlock: frees the lock, or hands it to whoever waits longest. Context: task. */
    public static void unlock(Cpu cpu, @Ref(Mutex.class) long mutex) {
        cpu.tell(Event.UNLOCKING, mutex, LockClass.MUTEX);
        if (Machine.of(cpu).config().debugLocks()
                && OWNER.readOnce(cpu, mutex) != Area.CURRENT_PID.get(cpu, cpu.area())) {
            throw new KernelBug(
                    FailureKind.BAD_UNLOCK,
                    "BUG: mutex_unlock by pid " + Area.CURRENT_PID.get(cpu, cpu.area()) + " on CPU#" + cpu.id() + " of "
                            + LockReport.describe(cpu, mutex));
        }
        OWNER.writeOnce(cpu, mutex, -1);
        if ((cpu.fetchAnd64(COUNT.of(mutex), ~LOCKED, UNLOCK) & WAITING) != 0) {
            WaitQueue.lock(cpu, WAIT.of(mutex));
            handOverLocked(cpu, mutex);
            WaitQueue.unlock(cpu, WAIT.of(mutex));
        }
    }

    private static void lockSlow(Cpu cpu, long mutex) {
        cpu.tell(Event.LOCK_CONTENDED, mutex, LockClass.MUTEX);
        long queue = WAIT.of(mutex);
        WaitQueue.lock(cpu, queue);
        Waiters.add(cpu, queue, Waiters.WRITER);
        cpu.fetchOr64(COUNT.of(mutex), WAITING, ANNOUNCE);
        // The holder may have gone before the announcement; then nobody else hands over.
        handOverLocked(cpu, mutex);
        WaitQueue.unlock(cpu, queue);
        Waiters.sleep(cpu, mutex);
    }

    /** Gives a free lock to the waiter at the head. Context: queue locked. */
    private static void handOverLocked(Cpu cpu, long mutex) {
        long queue = WAIT.of(mutex);
        long first = WaitQueue.HEAD.get(cpu, queue);
        if (first == Cpu.NULL || COUNT.readOnce(cpu, mutex) != WAITING) {
            return;
        }
        boolean last = Task.WAIT_NEXT.get(cpu, first) == Cpu.NULL;
        // While WAITING is set nobody else takes the lock, so the word is still as it was read.
        cpu.xchg64(COUNT.of(mutex), last ? LOCKED : LOCKED | WAITING, HAND_OVER);
        Waiters.grant(cpu, queue, first);
    }

    /** mutex_is_locked: true if somebody holds it. Unordered. */
    public static boolean isLocked(Cpu cpu, @Ref(Mutex.class) long mutex) {
        return (COUNT.readOnce(cpu, mutex) & LOCKED) != 0;
    }
}
