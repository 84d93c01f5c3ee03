package kemu.kernel.task;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.kernel.context.Task;
import kemu.kernel.locking.BitLock;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SeqCount;
import kemu.kernel.locking.SpinLock;

/** What a lock of any kind is, says and who holds it, from its address alone. Reads racily; failure path only. */
public final class LockReport {
    private LockReport() {}

    /**
     * Kind, class, address, state, holder and symbol of {@code lock}, as found in {@link Task#BLOCKED_ON}: the address
     * of a spinlock, mutex, semaphore or completion, a tagged one of a bit lock or a sequence count, or that of
     * anything else with a name.
     */
    public static String describe(Cpu cpu, long lock) {
        String symbol = Machine.of(cpu).memory().symbols().nameOf(lock & ~7L);
        if (BitLock.isTagged(lock)) {
            return "bit lock " + BitLock.describe(cpu, lock) + " at " + symbol;
        }
        if (SeqCount.isTagged(lock)) {
            return "seqcount " + SeqCount.describe(cpu, lock) + " at " + symbol;
        }
        int word = cpu.readOnce32(lock + LockClass.WORD_OFFSET);
        if (!LockClass.isWord(word)) {
            return symbol;
        }
        StringBuilder out = new StringBuilder(128);
        String address = LockClass.nameOf(word) + " 0x" + Long.toHexString(lock);
        switch (LockClass.kindOf(word)) {
            case LockClass.MUTEX -> mutex(out.append("mutex ").append(address), cpu, lock);
            case LockClass.RWSEM -> rwSem(out.append("rwsem ").append(address), cpu, lock);
            case LockClass.COMPLETION -> out.append("completion ").append(address);
            default -> spinLock(out.append("spinlock ").append(address), cpu, lock);
        }
        return out.append(" at ").append(symbol).toString();
    }

    /** The class of {@code lock}, as above, or its kind if it has no class: what locks are counted by. */
    public static String classOf(Cpu cpu, long lock) {
        if (BitLock.isTagged(lock)) {
            return "bit lock";
        }
        if (SeqCount.isTagged(lock)) {
            return "seqcount";
        }
        int word = cpu.readOnce32(lock + LockClass.WORD_OFFSET);
        return LockClass.isWord(word) ? LockClass.nameOf(word) : "other";
    }

    private static void spinLock(StringBuilder out, Cpu cpu, long lock) {
        if (SpinLock.isLocked(cpu, lock)) {
            out.append(" (locked, last taken by ");
            appendPid(out, cpu, SpinLock.OWNER.readOnce(cpu, lock));
            out.append(')');
        } else {
            out.append(" (free)");
        }
    }

    private static void mutex(StringBuilder out, Cpu cpu, long lock) {
        if (Mutex.isLocked(cpu, lock)) {
            out.append(" (held by ");
            appendPid(out, cpu, Mutex.OWNER.readOnce(cpu, lock));
            out.append(')');
        } else {
            out.append(" (free)");
        }
    }

    private static void rwSem(StringBuilder out, Cpu cpu, long lock) {
        if (RwSem.isWriteLocked(cpu, lock)) {
            out.append(" (write-held by ");
            appendPid(out, cpu, RwSem.OWNER.readOnce(cpu, lock));
            out.append(')');
        } else if (RwSem.isLocked(cpu, lock)) {
            out.append(" (held by ").append(RwSem.readers(cpu, lock)).append(" readers)");
        } else {
            out.append(" (free)");
        }
    }

    /** The command name of {@code task}. */
    static String comm(Cpu cpu, long task) {
        return Comms.of(cpu).nameOf(cpu, task);
    }

    /** {@code task} as {@code [comm:pid]}. */
    public static String nameOf(Cpu cpu, long task) {
        return "[" + comm(cpu, task) + ":" + Task.PID.readOnce(cpu, task) + "]";
    }

    /** Appends {@code [comm:pid]}, or the bare pid of a task that is gone. */
    static void appendPid(StringBuilder out, Cpu cpu, int pid) {
        Sched sched = Sched.of(cpu);
        for (int i = 0; i < sched.tasks().count(); i++) {
            long task = sched.tasks().at(i);
            if (Task.PID.readOnce(cpu, task) == pid && Task.STATE.readOnce(cpu, task) != Task.DEAD) {
                out.append('[').append(comm(cpu, task)).append(':').append(pid).append(']');
                return;
            }
        }
        out.append("pid ").append(pid);
    }
}
