package kemu.kernel.locking;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.order.Barriers;
import kemu.hw.order.Order;

/**
 * Queue lock of Mellor-Crummey and Scott: the tail names the last node, every waiter spins on its own node, and the
 * holder passes the lock to the node that follows its own. The head names the holder's node, so that unlock finds it.
 * An unlock of a free lock does nothing; one of a held lock passes it on under its holder.
 */
final class McsSpinLocks extends SpinLocks {
    private static final int LOCK = Barriers.full("mcs.LOCK");
    private static final int LINK = Barriers.release("mcs.LINK");
    private static final int HANDED = Barriers.acquire("mcs.HANDED");
    private static final int HAND_OVER = Barriers.release("mcs.HAND_OVER");
    private static final int UNLOCK = Barriers.full("mcs.UNLOCK");
    private static final int FOLLOWED = Barriers.acquire("mcs.FOLLOWED");

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
            cpu.storeRelease32(QueueNodes.NEXT.of(nodes.at(cpu, before)), own, LINK);
            nodes.await(cpu, own, lock, HANDED);
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
        long next = QueueNodes.NEXT.of(nodes.at(cpu, own));
        int follower = cpu.loadAcquire32(next, FOLLOWED);
        if (follower == 0 && cpu.cmpxchg32(SpinLock.TAIL.of(lock), own, 0, UNLOCK) != own) {
            // Somebody is in the queue and about to say so.
            follower = cpu.condLoadNe32(next, -1, 0, FOLLOWED);
        }
        if (follower != 0) {
            cpu.storeRelease32(QueueNodes.WAIT.of(nodes.at(cpu, follower)), 0, HAND_OVER);
        }
        nodes.giveBack(cpu, own);
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
