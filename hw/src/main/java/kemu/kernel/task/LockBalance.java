package kemu.kernel.task;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Event;
import kemu.hw.cpu.Witness;
import kemu.hw.machine.Area;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.shadow.CallStack;
import kemu.kernel.context.Task;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;

/**
 * Lock identity: the lock released is a lock the task has acquired, and a task that ends holds none. Follows every
 * spinlock, bit lock, mutex and semaphore by the task that takes it; the run queue's lock, which passes from one task
 * to the next, by nobody. An instrument: what it finds is kept here, emulated memory is not touched and nothing stops.
 *
 * <p>Source: Linux kernel/lockdep.c, print_unlock_imbalance_bug() and print_held_locks_bug(), for the wording.
 */
public final class LockBalance implements Witness {
    private static final int MOST_FOUND = 8;
    private static final int RQ_CLASS = LockClass.RUN_QUEUE.id();

    private final EmuMachine machine;
    private long[] locks = new long[64];
    private int[] modes = new int[64];
    private int[] pids = new int[64];
    private CallStack[] takenAt = new CallStack[64];
    private int count;
    private boolean stacks;
    private final List<KernelBug> found = new ArrayList<>();

    /** Watches {@code machine}. */
    public LockBalance(EmuMachine machine) {
        this.machine = machine;
        machine.attach(this);
    }

    /** Keeps where locks are taken, or not: slow, for the report of a fault that is known. */
    public void keepStacks(boolean value) {
        stacks = value;
    }

    /** An execution begins: nobody holds anything. */
    public void begin() {
        count = 0;
        found.clear();
    }

    /** What was wrong in this execution, first come first. */
    public List<KernelBug> found() {
        return found;
    }

    @Override
    public void told(EmuCpu cpu, int event, long lock, long mode) {
        if (event == Event.LOCKED) {
            if (classOf(cpu, lock, (int) mode) != RQ_CLASS) {
                add(cpu, lock, (int) mode & ~(Event.TRY | Event.NEST | Event.subclass(-1)));
            }
        } else if (event == Event.UNLOCKING && !remove(cpu, lock, (int) mode)) {
            if (classOf(cpu, lock, (int) mode) != RQ_CLASS) {
                unbalanced(cpu, lock, (int) mode);
            }
        }
    }

    private static int pidOn(EmuCpu cpu) {
        return cpu.peek32(Area.CURRENT_PID.of(cpu.area()));
    }

    private void add(EmuCpu cpu, long lock, int mode) {
        if (count == locks.length) {
            locks = java.util.Arrays.copyOf(locks, 2 * count);
            modes = java.util.Arrays.copyOf(modes, 2 * count);
            pids = java.util.Arrays.copyOf(pids, 2 * count);
            takenAt = java.util.Arrays.copyOf(takenAt, 2 * count);
        }
        locks[count] = lock;
        modes[count] = mode;
        pids[count] = pidOn(cpu);
        takenAt[count] = stacks ? CallStack.here() : null;
        count++;
    }

    /** Forgets the latest hold of {@code lock} by the task on {@code cpu}; false if it has none. */
    private boolean remove(EmuCpu cpu, long lock, int mode) {
        int pid = pidOn(cpu);
        for (int i = count - 1; i >= 0; i--) {
            if (locks[i] == lock && pids[i] == pid && modes[i] == mode) {
                count--;
                System.arraycopy(locks, i + 1, locks, i, count - i);
                System.arraycopy(modes, i + 1, modes, i, count - i);
                System.arraycopy(pids, i + 1, pids, i, count - i);
                System.arraycopy(takenAt, i + 1, takenAt, i, count - i);
                return true;
            }
        }
        return false;
    }

    private static int classOf(EmuCpu cpu, long lock, int mode) {
        return Event.kindOf(mode) == LockClass.BIT ? 0 : cpu.peek32(SpinLock.CLASS.of(lock));
    }

    private void unbalanced(EmuCpu cpu, long lock, int mode) {
        if (found.size() == MOST_FOUND) {
            return;
        }
        CallStack stack = CallStack.here();
        int pid = pidOn(cpu);
        StringBuilder out = new StringBuilder(512);
        out.append("WARNING: bad unlock balance detected! ")
                .append(who(pid))
                .append(" on cpu ")
                .append(cpu.id());
        out.append(" is trying to release lock (")
                .append(name(cpu, lock, mode))
                .append(") at ")
                .append(stack.caller());
        String own = held(cpu, pid, true);
        out.append(own.isEmpty() ? " but there are no more locks to release!\n" : " but holds only:\n" + own);
        String others = held(cpu, pid, false);
        out.append(others.isEmpty() ? "" : "locks held by other tasks:\n" + others);
        found.add(new KernelBug(
                FailureKind.BAD_UNLOCK,
                out.append("stack backtrace:\n").append(stack).toString()));
    }

    /**
     * All tasks have ended: whoever still holds a lock is reported. Context: machine at rest.
     *
     * @param cpu any
     */
    public void ended(EmuCpu cpu) {
        for (int i = 0; i < count && found.size() < MOST_FOUND; i++) {
            found.add(new KernelBug(
                    FailureKind.LOCK_HELD,
                    "WARNING: " + who(pids[i]) + " ended with lock held! It is holding:\n" + line(cpu, i)));
        }
    }

    private String held(EmuCpu cpu, int pid, boolean own) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < count; i++) {
            if (pids[i] == pid == own) {
                out.append(own ? "" : who(pids[i])).append(line(cpu, i));
            }
        }
        return out.toString();
    }

    private String line(EmuCpu cpu, int i) {
        return " (" + name(cpu, locks[i], modes[i]) + ")" + (takenAt[i] == null ? "\n" : ", taken at:\n" + takenAt[i]);
    }

    private static String name(EmuCpu cpu, long lock, int mode) {
        String type = Event.kindOf(mode) == LockClass.BIT ? "bit lock" : LockClass.nameOf(classOf(cpu, lock, mode));
        return type + " 0x" + Long.toHexString(lock) + ((mode & Event.READ) != 0 ? " for reading" : "");
    }

    private String who(int pid) {
        for (int i = 0; i < Sched.of(machine).tasks().count(); i++) {
            long task = Sched.of(machine).tasks().at(i);
            if ((int) machine.frames().load(Task.PID.of(task), 4) == pid) {
                int comm = (int) machine.frames().load(Task.COMM.of(task), 4);
                return Comms.of(machine).name(comm) + "/" + pid;
            }
        }
        return "pid " + pid;
    }
}
