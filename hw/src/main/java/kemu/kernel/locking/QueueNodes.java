package kemu.kernel.locking;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.StructLayout;
import kemu.hw.machine.Area;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Barriers;
import kemu.kernel.context.Task;

/**
 * Queue nodes of spinlocks: some per CPU, one for each lock that a CPU holds or waits for, since tasks of a CPU do not
 * switch in between. A node is named by a number; number 0 is a node that is never taken and nobody waits on.
 */
final class QueueNodes {
    private static final StructLayout.Builder S = StructLayout.struct("queue_node");
    /** 1 while its owner has to wait. Written by the predecessor (mcs) or read by the successor (clh). */
    static final I32Field WAIT = S.i32("wait");
    /** Number of the node that follows, 0 if none has said so. */
    static final I32Field NEXT = S.i32("next");
    /** 1 while taken. Taken by its own CPU; given back by whoever uses it last. */
    static final I32Field TAKEN = S.i32("taken");

    static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    /** Locks that one CPU may hold or wait for at once, interrupt handlers included, and the one never taken. */
    private static final int PER_CPU = 16;

    private static final int GIVE_BACK = Barriers.release("queue.GIVE_BACK");
    private static final int TAKE = Barriers.acquire("queue.TAKE");

    private final int offset;

    QueueNodes(Machine machine) {
        offset = machine.reservePerCpu(PER_CPU * LAYOUT.sizeBytes());
    }

    /** Address of node {@code number}. */
    long at(Cpu cpu, int number) {
        long area = Machine.of(cpu).cpu(number / PER_CPU).area();
        return area + offset + (long) (number % PER_CPU) * LAYOUT.sizeBytes();
    }

    /** A node of this CPU, which its owner has to wait on. */
    int take(Cpu cpu) {
        for (int i = 1; i < PER_CPU; i++) {
            int number = cpu.id() * PER_CPU + i;
            long node = at(cpu, number);
            if (cpu.loadAcquire32(TAKEN.of(node), TAKE) == 0) {
                TAKEN.writeOnce(cpu, node, 1);
                NEXT.writeOnce(cpu, node, 0);
                WAIT.writeOnce(cpu, node, 1);
                return number;
            }
        }
        throw new KernelBug(
                FailureKind.LOCK_HELD,
                "BUG: CPU#" + cpu.id() + " holds more than " + (PER_CPU - 1) + " queued spinlocks");
    }

    /**
     * Makes a node of this CPU's the tail and the owner of {@code lock} if nobody is queued; {@code order} of doing so.
     */
    boolean tryLock(Cpu cpu, long lock, int order) {
        if (SpinLock.TAIL.readOnce(cpu, lock) != 0) {
            return false;
        }
        int own = take(cpu);
        if (cpu.cmpxchg32(SpinLock.TAIL.of(lock), 0, own, order) == 0) {
            SpinLock.HEAD.writeOnce(cpu, lock, own);
            return true;
        }
        giveBack(cpu, own);
        return false;
    }

    /** Gives node {@code number} back to the CPU it belongs to. */
    void giveBack(Cpu cpu, int number) {
        if (number != 0) {
            cpu.storeRelease32(TAKEN.of(at(cpu, number)), 0, GIVE_BACK);
        }
    }

    /** Waits, as the current task and for {@code lock}, until nobody has to wait on node {@code number}. */
    void await(Cpu cpu, int number, long lock, int order) {
        long task = Area.CURRENT.get(cpu, cpu.area());
        long outer = Task.BLOCKED_ON.get(cpu, task);
        Task.BLOCKED_ON.set(cpu, task, lock);
        cpu.condLoadEq32(WAIT.of(at(cpu, number)), -1, 0, order);
        Task.BLOCKED_ON.set(cpu, task, outer);
    }
}
