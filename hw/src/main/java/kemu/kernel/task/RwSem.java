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
 * {@code struct rw_semaphore}: many readers or one writer, asleep while they wait, first come, first served. Once
 * somebody waits nobody overtakes; readers at the head of the queue are let in together.
 *
 * <p>Ordering: down is an acquire, up a release. An up without a down is a kernel bug at the spot with lock debugging;
 * without it the count goes wrong as on hardware, and later writers wait forever.
 *
 * <p>Source: Linux 2.6.36 lib/rwsem.c; one word of reader count and two flags instead of biases.
 */
@NamedByCaller
public final class RwSem {
    private static final long WRITE_LOCKED = 1;
    private static final long WAITING = 2;
    private static final long ONE_READER = 4;
    private static final int SHARED = LockClass.RWSEM | Event.READ;

    private static final StructLayout.Builder S = StructLayout.struct("rw_semaphore");
    /** Readers times four, plus a bit for a writer and one for a queue that is not empty. Atomics. */
    public static final I64Field COUNT = S.i64("count");
    /** Pid of the writer that holds it, -1 if none does. Written by the writer, read racily. */
    public static final I32Field OWNER = S.i32("owner");
    /** {@link LockClass#word}; constant after init. */
    public static final I32Field CLASS = S.i32("class");
    /** Tasks that wait, first come first. */
    public static final Embedded WAIT = S.embed("wait", WaitQueue.LAYOUT);
    /** Size and members. */
    public static final StructLayout LAYOUT = S.build(8);

    private static final LockClass WAIT_LOCK = LockClass.of("rw_semaphore->wait.lock");
    private static final int DOWN_READ = Barriers.acquire("rwsem.DOWN_READ");
    private static final int DOWN_WRITE = Barriers.acquire("rwsem.DOWN_WRITE");
    private static final int UP_READ = Barriers.release("rwsem.UP_READ");
    private static final int UP_WRITE = Barriers.release("rwsem.UP_WRITE");
    private static final int DOWNGRADE = Barriers.release("rwsem.DOWNGRADE");
    /** A waiter announces itself and sees whether the last holder has gone meanwhile. */
    private static final int ANNOUNCE = Barriers.full("rwsem.ANNOUNCE");
    /** The lock passes from those before to the one granted. */
    private static final int HAND_OVER = Barriers.full("rwsem.HAND_OVER");

    private RwSem() {}

    /** init_rwsem: free, of {@code lockClass}. */
    public static void init(Cpu cpu, @Ref(RwSem.class) long sem, LockClass lockClass) {
        COUNT.writeOnce(cpu, sem, 0);
        OWNER.set(cpu, sem, -1);
        CLASS.set(cpu, sem, lockClass.word(LockClass.RWSEM));
        WaitQueue.init(cpu, WAIT.of(sem), WAIT_LOCK);
    }

    /** down_read: shares the lock; sleeps while a writer holds it or anybody waits. Context: may sleep. */
    public static void downRead(Cpu cpu, @Ref(RwSem.class) long sem) {
        Preempt.mightSleep(cpu, "down_read");
        cpu.tell(Event.LOCK_WANTED, sem, SHARED);
        if (!readFast(cpu, sem)) {
            downSlow(cpu, sem, Waiters.READER, SHARED);
        }
        cpu.tell(Event.LOCKED, sem, SHARED);
    }

    /** down_read_trylock: shares the lock if that needs no waiting. Any context. */
    public static boolean tryDownRead(Cpu cpu, @Ref(RwSem.class) long sem) {
        boolean taken = readFast(cpu, sem);
        if (taken) {
            cpu.tell(Event.LOCKED, sem, SHARED | Event.TRY);
        }
        return taken;
    }

    private static boolean readFast(Cpu cpu, long sem) {
        long seen = COUNT.readOnce(cpu, sem);
        // Ends: a failed exchange means another CPU's succeeded.
        while ((seen & (WRITE_LOCKED | WAITING)) == 0) {
            long old = cpu.cmpxchg64(COUNT.of(sem), seen, seen + ONE_READER, DOWN_READ);
            if (old == seen) {
                return true;
            }
            seen = old;
        }
        return false;
    }

    /** up_read: ends the sharing; the last reader hands over to a waiter. Any context. */
    public static void upRead(Cpu cpu, @Ref(RwSem.class) long sem) {
        cpu.tell(Event.UNLOCKING, sem, SHARED);
        long old = cpu.fetchAdd64(COUNT.of(sem), -ONE_READER, UP_READ);
        if (old < ONE_READER && Machine.of(cpu).config().debugLocks()) {
            throw unbalanced(cpu, sem, "up_read");
        }
        if (old == WAITING + ONE_READER) {
            handOver(cpu, sem);
        }
    }

    /** down_write: owns the lock; sleeps while anybody else has it. Context: may sleep. */
    public static void downWrite(Cpu cpu, @Ref(RwSem.class) long sem) {
        downWriteNested(cpu, sem, 0);
    }

    /**
     * down_write_nested: {@link #downWrite}, see {@link kemu.kernel.locking.SpinLock#lockNested}. Context: may sleep.
     */
    public static void downWriteNested(Cpu cpu, @Ref(RwSem.class) long sem, int subclass) {
        downWriteAs(cpu, sem, LockClass.RWSEM | Event.subclass(subclass));
    }

    /** down_write_nest_lock: see {@link kemu.kernel.locking.SpinLock#lockNestLock}. Context: may sleep. */
    public static void downWriteNestLock(Cpu cpu, @Ref(RwSem.class) long sem) {
        downWriteAs(cpu, sem, LockClass.RWSEM | Event.NEST);
    }

    private static void downWriteAs(Cpu cpu, long sem, int mode) {
        Preempt.mightSleep(cpu, "down_write");
        cpu.tell(Event.LOCK_WANTED, sem, mode);
        if (cpu.cmpxchg64(COUNT.of(sem), 0, WRITE_LOCKED, DOWN_WRITE) != 0) {
            downSlow(cpu, sem, Waiters.WRITER, mode);
        }
        cpu.tell(Event.LOCKED, sem, mode);
        OWNER.writeOnce(cpu, sem, Area.CURRENT_PID.get(cpu, cpu.area()));
    }

    /** down_write_trylock: owns the lock if it is free. Any context. */
    public static boolean tryDownWrite(Cpu cpu, @Ref(RwSem.class) long sem) {
        if (COUNT.readOnce(cpu, sem) != 0 || cpu.cmpxchg64(COUNT.of(sem), 0, WRITE_LOCKED, DOWN_WRITE) != 0) {
            return false;
        }
        cpu.tell(Event.LOCKED, sem, LockClass.RWSEM | Event.TRY);
        OWNER.writeOnce(cpu, sem, Area.CURRENT_PID.get(cpu, cpu.area()));
        return true;
    }

    /** up_write: frees the lock, or hands it to whoever waits longest. Any context. */
    public static void upWrite(Cpu cpu, @Ref(RwSem.class) long sem) {
        cpu.tell(Event.UNLOCKING, sem, LockClass.RWSEM);
        checkOwner(cpu, sem, "up_write");
        OWNER.writeOnce(cpu, sem, -1);
        if ((cpu.fetchAdd64(COUNT.of(sem), -WRITE_LOCKED, UP_WRITE) & WAITING) != 0) {
            handOver(cpu, sem);
        }
    }

    /** downgrade_write: the owner goes on as a reader, together with the readers that wait longest. Any context. */
    public static void downgradeWrite(Cpu cpu, @Ref(RwSem.class) long sem) {
        cpu.tell(Event.UNLOCKING, sem, LockClass.RWSEM);
        checkOwner(cpu, sem, "downgrade_write");
        OWNER.writeOnce(cpu, sem, -1);
        if ((cpu.fetchAdd64(COUNT.of(sem), ONE_READER - WRITE_LOCKED, DOWNGRADE) & WAITING) != 0) {
            handOver(cpu, sem);
        }
        cpu.tell(Event.LOCKED, sem, SHARED | Event.TRY);
    }

    private static void downSlow(Cpu cpu, long sem, int kind, int mode) {
        cpu.tell(Event.LOCK_CONTENDED, sem, mode);
        long queue = WAIT.of(sem);
        WaitQueue.lock(cpu, queue);
        Waiters.add(cpu, queue, kind);
        cpu.fetchOr64(COUNT.of(sem), WAITING, ANNOUNCE);
        // The last holder may have gone before the announcement; then nobody else hands over.
        handOverLocked(cpu, sem);
        WaitQueue.unlock(cpu, queue);
        Waiters.sleep(cpu, sem);
    }

    private static void handOver(Cpu cpu, long sem) {
        WaitQueue.lock(cpu, WAIT.of(sem));
        handOverLocked(cpu, sem);
        WaitQueue.unlock(cpu, WAIT.of(sem));
    }

    /**
     * Lets in the waiter at the head, with the readers behind it if it is one, unless holders keep it out. While
     * WAITING is set nobody gets in but here, so the count can only fall under us. Context: queue locked.
     */
    private static void handOverLocked(Cpu cpu, long sem) {
        long queue = WAIT.of(sem);
        long first = WaitQueue.HEAD.get(cpu, queue);
        long count = COUNT.readOnce(cpu, sem);
        if (first == Cpu.NULL || (count & WRITE_LOCKED) != 0) {
            return;
        }
        if (Task.WAIT_KIND.readOnce(cpu, first) == Waiters.WRITER) {
            if (count == WAITING) {
                pass(cpu, sem, WRITE_LOCKED, Task.WAIT_NEXT.get(cpu, first));
                Waiters.grant(cpu, queue, first);
            }
            return;
        }
        long readers = 0;
        long end = first;
        // Ends: the queue is finite.
        while (end != Cpu.NULL && Task.WAIT_KIND.readOnce(cpu, end) == Waiters.READER) {
            readers += ONE_READER;
            end = Task.WAIT_NEXT.get(cpu, end);
        }
        pass(cpu, sem, readers, end);
        while (first != end) {
            long next = Task.WAIT_NEXT.get(cpu, first);
            Waiters.grant(cpu, queue, first);
            first = next;
        }
    }

    /** Counts the new holders, and stops others from queueing if nobody is {@code left} waiting. */
    private static void pass(Cpu cpu, long sem, long holders, long left) {
        cpu.fetchAdd64(COUNT.of(sem), left == Cpu.NULL ? holders - WAITING : holders, HAND_OVER);
    }

    /** rwsem_is_locked: true if a reader or a writer holds it. Unordered. */
    public static boolean isLocked(Cpu cpu, @Ref(RwSem.class) long sem) {
        return (COUNT.readOnce(cpu, sem) & ~WAITING) != 0;
    }

    /** True if a writer holds it. Unordered. */
    public static boolean isWriteLocked(Cpu cpu, @Ref(RwSem.class) long sem) {
        return (COUNT.readOnce(cpu, sem) & WRITE_LOCKED) != 0;
    }

    /** rwsem_is_contended: true if somebody waits. Unordered. */
    public static boolean isContended(Cpu cpu, @Ref(RwSem.class) long sem) {
        return (COUNT.readOnce(cpu, sem) & WAITING) != 0;
    }

    /** Readers that hold it. Unordered; for reports and assertions. */
    public static long readers(Cpu cpu, @Ref(RwSem.class) long sem) {
        return COUNT.readOnce(cpu, sem) >> 2;
    }

    private static void checkOwner(Cpu cpu, long sem, String what) {
        if (Machine.of(cpu).config().debugLocks()
                && OWNER.readOnce(cpu, sem) != Area.CURRENT_PID.get(cpu, cpu.area())) {
            throw unbalanced(cpu, sem, what);
        }
    }

    private static KernelBug unbalanced(Cpu cpu, long sem, String what) {
        return new KernelBug(
                FailureKind.BAD_UNLOCK,
                "BUG: bad unlock balance: " + what + " by pid " + Area.CURRENT_PID.get(cpu, cpu.area()) + " on CPU#"
                        + cpu.id() + " of " + LockReport.describe(cpu, sem));
    }
}
