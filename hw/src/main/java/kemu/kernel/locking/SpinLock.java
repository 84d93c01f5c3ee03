package kemu.kernel.locking;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.StructLayout;
import kemu.hw.machine.Area;
import kemu.hw.machine.Machine;
import kemu.hw.shadow.NamedByCaller;
import kemu.kernel.context.Preempt;
import kemu.kernel.context.Task;

/**
 * {@code spinlock_t}: 16 bytes, two words for the algorithm, the pid that took it last, and its class. Taking it
 * disables preemption, freeing it enables preemption again and serves what became pending.
 *
 * <p>Ordering: lock is an acquire, unlock a release; unlock followed by lock is no full fence for third CPUs.
 */
@NamedByCaller
public final class SpinLock {
    private static final StructLayout.Builder S = StructLayout.struct("spinlock");
    /** First word of the algorithm: ticket being served, or the locked bit. */
    public static final I32Field HEAD = S.i32("head");
    /** Second word of the algorithm: next ticket to draw. */
    public static final I32Field TAIL = S.i32("tail");
    /**
     * Pid of the task that took the lock last; it holds it if the lock is locked. Written by the holder, read racily.
     */
    public static final I32Field OWNER = S.i32("owner");
    /** {@link LockClass#id}; constant after init. */
    public static final I32Field CLASS = S.i32("class");
    /** Size and members. */
    public static final StructLayout LAYOUT = S.build(8);

    private SpinLock() {}

    /** spin_lock_init: an unlocked lock of {@code lockClass}. */
    public static void init(Cpu cpu, @Ref(SpinLock.class) long lock, LockClass lockClass) {
        HEAD.writeOnce(cpu, lock, 0);
        TAIL.writeOnce(cpu, lock, 0);
        OWNER.set(cpu, lock, -1);
        CLASS.set(cpu, lock, lockClass.id());
    }

    /** spin_lock: disables preemption and takes the lock, spinning as long as it must. */
    public static void lock(Cpu cpu, @Ref(SpinLock.class) long lock) {
        if (Machine.of(cpu).config().pollBeforeLocks()) {
            Preempt.disableFromPreemptible(cpu);
        } else {
            Preempt.disable(cpu);
        }
        cpu.tell(Event.LOCK_WANTED, lock, LockClass.SPIN);
        LockingCore.spinLocks(cpu).lock(cpu, lock);
        cpu.tell(Event.LOCKED, lock, LockClass.SPIN);
        OWNER.set(cpu, lock, Area.CURRENT_PID.get(cpu, cpu.area()));
    }

    /**
     * spin_lock_nested: {@link #lock}, where the task holds another lock of the class. The caller knows an order in
     * which all tasks take the two, or that nobody else can have this one.
     *
     * @param subclass 1 for the second lock, and so on
     */
    public static void lockNested(Cpu cpu, @Ref(SpinLock.class) long lock, int subclass) {
        Preempt.disable(cpu);
        cpu.tell(Event.LOCK_WANTED, lock, LockClass.SPIN | Event.subclass(subclass));
        LockingCore.spinLocks(cpu).lock(cpu, lock);
        cpu.tell(Event.LOCKED, lock, LockClass.SPIN | Event.subclass(subclass));
        OWNER.set(cpu, lock, Area.CURRENT_PID.get(cpu, cpu.area()));
    }

    /**
     * spin_lock_nest_lock: {@link #lock}, where the task may hold any number of locks of the class. The caller holds
     * another lock without which nobody takes more than one.
     */
    public static void lockNestLock(Cpu cpu, @Ref(SpinLock.class) long lock) {
        Preempt.disable(cpu);
        cpu.tell(Event.LOCK_WANTED, lock, LockClass.SPIN | Event.NEST);
        LockingCore.spinLocks(cpu).lock(cpu, lock);
        cpu.tell(Event.LOCKED, lock, LockClass.SPIN | Event.NEST);
        OWNER.set(cpu, lock, Area.CURRENT_PID.get(cpu, cpu.area()));
    }

    /** spin_trylock: takes the lock if it is free, else leaves everything as it was. */
    public static boolean tryLock(Cpu cpu, @Ref(SpinLock.class) long lock) {
        Preempt.disable(cpu);
        if (LockingCore.spinLocks(cpu).tryLock(cpu, lock)) {
            cpu.tell(Event.LOCKED, lock, LockClass.SPIN | Event.TRY);
            OWNER.set(cpu, lock, Area.CURRENT_PID.get(cpu, cpu.area()));
            return true;
        }
        Preempt.enable(cpu);
        return false;
    }

    /** spin_unlock: frees the lock and enables preemption. */
    public static void unlock(Cpu cpu, @Ref(SpinLock.class) long lock) {
        cpu.tell(Event.UNLOCKING, lock, LockClass.SPIN);
        LockingCore.spinLocks(cpu).unlock(cpu, lock);
        Preempt.enable(cpu);
    }

    /** spin_lock_irq: {@link #lock} with interrupts disabled (nests, like irqsave). */
    public static void lockIrq(Cpu cpu, @Ref(SpinLock.class) long lock) {
        Preempt.irqDisable(cpu);
        lock(cpu, lock);
    }

    /** spin_unlock_irq: {@link #unlock}, then interrupts as before. */
    public static void unlockIrq(Cpu cpu, @Ref(SpinLock.class) long lock) {
        unlock(cpu, lock);
        Preempt.irqEnable(cpu);
    }

    /**
     * spin_unlock_wait: returns when whoever holds the lock now, if anybody, has freed it; takes nothing. Unordered.
     * Context: the caller sees to it that the lock's memory stays.
     */
    public static void unlockWait(Cpu cpu, @Ref(SpinLock.class) long lock) {
        long task = Area.CURRENT.get(cpu, cpu.area());
        long outer = Task.BLOCKED_ON.get(cpu, task);
        Task.BLOCKED_ON.set(cpu, task, lock);
        LockingCore.spinLocks(cpu).unlockWait(cpu, lock);
        Task.BLOCKED_ON.set(cpu, task, outer);
    }

    /** spin_is_locked: true if somebody holds it. Unordered. */
    public static boolean isLocked(Cpu cpu, @Ref(SpinLock.class) long lock) {
        return LockingCore.spinLocks(cpu).isLocked(cpu, lock);
    }

    /** Class, address, state and last owner, for reports. */
    public static String describe(Cpu cpu, @Ref(SpinLock.class) long lock) {
        boolean locked = isLocked(cpu, lock);
        return LockClass.nameOf(CLASS.readOnce(cpu, lock)) + " 0x" + Long.toHexString(lock)
                + (locked ? " (locked, last taken by pid " + OWNER.readOnce(cpu, lock) + ")" : " (free)");
    }
}
