package kemu.locks;

import java.util.Arrays;
import kemu.hw.cpu.Event;
import kemu.hw.cpu.NativeCpu;
import kemu.hw.cpu.NativeWitness;
import kemu.hw.machine.Area;
import kemu.hw.machine.Machine;
import kemu.kernel.context.Task;
import kemu.kernel.locking.LockClass;
import kemu.kernel.task.Sched;
import kemu.kernel.task.TaskTable;
import org.agrona.collections.Long2LongHashMap;

/**
 * Measures how long one CPU waits for locks and holds them: a clock reading when a lock is taken, one when it is freed,
 * and one when it turns out not to be free. Written by the CPU's own thread only.
 *
 * <p>Who holds a spinlock, or waits for one, is not preempted, so those form a stack for each CPU. Locks that sleep are
 * of a task, which may take one twice only to share it; they are found by lock and task. A lock that another task
 * frees, or another CPU, is not found, and its hold not counted.
 */
public final class LockWitness extends NativeWitness {
    private static final long NONE = Long.MIN_VALUE;
    private static final int SLOT_BITS = 18;
    private static final int LOCK_SHIFT = 3;

    private final NativeWitness next;
    private final LockTimes times;
    private final TaskTable tasks;

    private long[] spinLock = new long[16];
    private long[] spinSince = new long[16];
    private int[] spinKey = new int[16];
    private int spins;

    /** Spinlocks wanted and not taken yet; all but the last one wait, and an interrupt has come. */
    private long[] wantedLock = new long[16];

    private long[] wantedWaiting = new long[16];
    private int[] wantedMode = new int[16];
    private int wanted;

    private final Long2LongHashMap sleepingHolds = new Long2LongHashMap(NONE);
    private final Long2LongHashMap sleepingWaits = new Long2LongHashMap(NONE);

    /** Of {@code cpu}, before its machine starts; tells {@code times}, and all it is told to who was told before. */
    public LockWitness(NativeCpu cpu, LockTimes times) {
        this.next = cpu.witness();
        this.times = times;
        tasks = Sched.of(Machine.of(cpu)).tasks();
    }

    @Override
    public void told(NativeCpu cpu, int event, long object, long detail) {
        next.told(cpu, event, object, detail);
        switch (event) {
            case Event.LOCK_WANTED -> {
                if (spins(detail)) {
                    wanted(cpu, object, (int) detail);
                }
            }
            case Event.LOCK_CONTENDED -> sleepingWaits.put(taskOwned(cpu, object, detail), cpu.clock());
            case Event.LOCKED -> {
                if (spins(detail)) {
                    spinLocked(cpu, object, detail);
                } else {
                    sleepingLocked(cpu, object, detail);
                }
            }
            case Event.UNLOCKING -> {
                if (spins(detail)) {
                    spinUnlocking(cpu, object);
                } else {
                    sleepingUnlocking(cpu, object, detail);
                }
            }
            default -> {
                // Of no lock.
            }
        }
    }

    private static boolean spins(long mode) {
        int kind = Event.kindOf(mode);
        return kind == LockClass.SPIN || kind == LockClass.BIT;
    }

    private void wanted(NativeCpu cpu, long lock, int mode) {
        if (wanted == wantedLock.length) {
            wantedLock = Arrays.copyOf(wantedLock, 2 * wanted);
            wantedWaiting = Arrays.copyOf(wantedWaiting, 2 * wanted);
            wantedMode = Arrays.copyOf(wantedMode, 2 * wanted);
        }
        wantedLock[wanted] = lock;
        wantedMode[wanted] = mode;
        wantedWaiting[wanted++] = cpu.waitingSince();
        cpu.waitingSince(0);
    }

    private void spinLocked(NativeCpu cpu, long lock, long mode) {
        long now = cpu.clock();
        int key = LockKey.of(cpu, lock, mode);
        if ((mode & Event.TRY) == 0 && wanted > 0) {
            long since = cpu.waitingSince();
            cpu.waitingSince(wantedWaiting[--wanted]);
            if (since != 0) {
                times.waited(key, lock, since, now);
            }
        }
        if (spins == spinLock.length) {
            spinLock = Arrays.copyOf(spinLock, 2 * spins);
            spinSince = Arrays.copyOf(spinSince, 2 * spins);
            spinKey = Arrays.copyOf(spinKey, 2 * spins);
        }
        spinLock[spins] = lock;
        spinKey[spins] = key;
        spinSince[spins++] = now;
    }

    private void spinUnlocking(NativeCpu cpu, long lock) {
        int at = spins - 1;
        // Ends with the stack; nearly always at once.
        while (at >= 0 && spinLock[at] != lock) {
            at--;
        }
        if (at < 0) {
            return;
        }
        times.held(spinKey[at], lock, spinSince[at], cpu.clock());
        int after = --spins - at;
        if (after > 0) {
            System.arraycopy(spinLock, at + 1, spinLock, at, after);
            System.arraycopy(spinKey, at + 1, spinKey, at, after);
            System.arraycopy(spinSince, at + 1, spinSince, at, after);
        }
    }

    /** Lock, task and whether it is shared, in one number. */
    private long taskOwned(NativeCpu cpu, long lock, long mode) {
        long slot = tasks.slot(Area.CURRENT.get(cpu, cpu.area()));
        return lock >>> LOCK_SHIFT << SLOT_BITS + 1 | slot << 1 | (LockKey.isShared(mode) ? 1 : 0);
    }

    private void sleepingLocked(NativeCpu cpu, long lock, long mode) {
        long owned = taskOwned(cpu, lock, mode);
        long now = cpu.clock();
        if (!sleepingWaits.isEmpty()) {
            long since = sleepingWaits.remove(owned);
            if (since != NONE) {
                times.waited(LockKey.of(cpu, lock, mode), lock, since, now);
            }
        }
        sleepingHolds.put(owned, now);
    }

    private void sleepingUnlocking(NativeCpu cpu, long lock, long mode) {
        long since = sleepingHolds.remove(taskOwned(cpu, lock, mode));
        if (since != NONE) {
            times.held(LockKey.of(cpu, lock, mode), lock, since, cpu.clock());
        }
    }

    /** What is not over yet. */
    public interface Open {
        /**
         * A lock is held, or waited for.
         *
         * @param held false if it is waited for
         * @param task that does
         * @param since when, by the CPU's clock
         */
        void lock(boolean held, int key, long lock, long task, long since);
    }

    /**
     * Tells {@code to} of every lock that {@code cpu}, the one of this witness, holds or waits for. Machine at rest.
     */
    public void open(NativeCpu cpu, Open to) {
        long current = Area.CURRENT.get(cpu, cpu.area());
        for (int i = 0; i < spins; i++) {
            to.lock(true, spinKey[i], spinLock[i], current, spinSince[i]);
        }
        for (int i = 0; i < wanted; i++) {
            long since = i + 1 < wanted ? wantedWaiting[i + 1] : cpu.waitingSince();
            if (since != 0) {
                to.lock(false, LockKey.of(cpu, wantedLock[i], wantedMode[i]), wantedLock[i], current, since);
            }
        }
        sleepingHolds.forEachLong((owned, since) -> sleeping(cpu, to, true, owned, since));
        sleepingWaits.forEachLong((owned, since) -> sleeping(cpu, to, false, owned, since));
    }

    private void sleeping(NativeCpu cpu, Open to, boolean held, long owned, long since) {
        long lock = owned >>> SLOT_BITS + 1 << LOCK_SHIFT;
        long task = tasks.at((int) (owned >>> 1) & (1 << SLOT_BITS) - 1);
        long mode = LockClass.RWSEM | ((owned & 1) != 0 ? Event.READ : 0);
        if (Task.STATE.readOnce(cpu, task) != Task.DEAD) {
            to.lock(held, LockKey.of(cpu, lock, mode), lock, task, since);
        }
    }
}
