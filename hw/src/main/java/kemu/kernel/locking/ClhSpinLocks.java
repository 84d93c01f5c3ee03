package kemu.kernel.locking;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.order.Barriers;
import kemu.hw.order.Order;

/**
 * Queue lock of Craig, Landin and Hagersten: the tail names the last node and every waiter spins on the node before its
 * own. Here a lock that is free names no node, so that locks need no node of their own, and a waiter gives the node it
 * has waited on back to its CPU instead of keeping it. An unlock of a free lock does nothing.
 */
final class ClhSpinLocks extends SpinLocks {
    private static final int LOCK = Barriers.full("clh.LOCK");
    private static final int HANDED = Barriers.acquire("clh.HANDED");
    private static final int HAND_OVER = Barriers.release("clh.HAND_OVER");
    private static final int UNLOCK = Barriers.full("clh.UNLOCK");

    private QueueNodes nodes;

    @Override
    public void reserve(Machine machine) {
        nodes = new QueueNodes(machine);
    }

    @Override
    public void lock(Cpu cpu, long lock) {
        int own = nodes.take(cpu);
        int before = cpu.xchg32(SpinLock.TAIL.of(lock), own, LOCK);
        if (before != 0) {
            nodes.await(cpu, before, lock, HANDED);
            nodes.giveBack(cpu, before);
        }
        SpinLock.HEAD.writeOnce(cpu, lock, own);
    }

    @Override
    public boolean tryLock(Cpu cpu, long lock) {
        return nodes.tryLock(cpu, lock, LOCK);
    }

    @Override
    public void unlock(Cpu cpu, long lock) {
        int own = SpinLock.HEAD.readOnce(cpu, lock);
        SpinLock.HEAD.writeOnce(cpu, lock, 0);
        if (cpu.cmpxchg32(SpinLock.TAIL.of(lock), own, 0, UNLOCK) == own) {
            nodes.giveBack(cpu, own);
        } else {
            cpu.storeRelease32(QueueNodes.WAIT.of(nodes.at(cpu, own)), 0, HAND_OVER);
        }
    }

    @Override
    public void unlockWait(Cpu cpu, long lock) {
        cpu.condLoadEq32(SpinLock.TAIL.of(lock), -1, 0, Order.RELAXED);
    }

    @Override
    public boolean isLocked(Cpu cpu, long lock) {
        return SpinLock.TAIL.readOnce(cpu, lock) != 0;
    }
}
