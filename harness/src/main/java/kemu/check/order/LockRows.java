package kemu.check.order;

import static kemu.check.order.NamedBarrier.killed;
import static kemu.check.order.NamedBarrier.redundant;
import static kemu.hw.mem.FailureKind.DATA_RACE;
import static kemu.hw.mem.FailureKind.EXCLUSION;
import static kemu.hw.mem.FailureKind.HALF_MADE;
import static kemu.hw.mem.FailureKind.HANG;

import java.util.List;

/** Ordering points of locks, sleeping, calls and devices. */
final class LockRows {
    static final List<NamedBarrier> ALL = List.of(
            killed("ticket.LOCK:acquire", "TicketSpinLocks", "lock-spin", EXCLUSION),
            killed("ticket.UNLOCK:release", "TicketSpinLocks", "lock-spin", EXCLUSION),
            killed("tas.LOCK:acquire", "TasSpinLocks", "lock-spin/kernel/tas", EXCLUSION),
            killed("tas.UNLOCK:release", "TasSpinLocks", "lock-spin/kernel/tas", EXCLUSION),
            killed("debug.LOCK:acquire", "DebugSpinLocks", "lock-spin/kernel/debug", EXCLUSION),
            killed("debug.UNLOCK:release", "DebugSpinLocks", "lock-spin/kernel/debug", EXCLUSION),
            killed("mcs.LOCK:full", "McsSpinLocks", "lock-spin/kernel/mcs", EXCLUSION),
            killed("mcs.HANDED:acquire", "McsSpinLocks", "lock-spin/kernel/mcs", EXCLUSION),
            killed("mcs.HAND_OVER:release", "McsSpinLocks", "lock-spin/kernel/mcs", EXCLUSION),
            killed("mcs.UNLOCK:full", "McsSpinLocks", "lock-spin/kernel/mcs", EXCLUSION),
            redundant(
                    "mcs.LINK:release",
                    "McsSpinLocks",
                    "lock-spin/kernel/mcs",
                    "mcs.LOCK, which is full, lies between the set-up of the node and its link"),
            redundant(
                    "mcs.FOLLOWED:acquire",
                    "McsSpinLocks",
                    "lock-spin/kernel/mcs",
                    "only stores follow, to an address that depends on it, and the one that hands over is a release"),
            killed("clh.LOCK:full", "ClhSpinLocks", "lock-spin/kernel/clh", EXCLUSION),
            killed("clh.HANDED:acquire", "ClhSpinLocks", "lock-spin/kernel/clh", EXCLUSION),
            killed("clh.UNLOCK:full", "ClhSpinLocks", "lock-spin/kernel/clh", EXCLUSION),
            killed("clh.HAND_OVER:release", "ClhSpinLocks", "lock-spin/kernel/clh", DATA_RACE),
            redundant(
                    "queue.TAKE:acquire",
                    "QueueNodes",
                    "lock-spin/kernel/clh",
                    "what follows are stores that depend on the load by a branch, and then the lock's full exchange"),
            redundant(
                    "queue.GIVE_BACK:release",
                    "QueueNodes",
                    "lock-spin/kernel/clh",
                    "a node of another CPU is given back after clh.HANDED, an acquire, or clh.UNLOCK, which is full;"
                            + " a CPU is in order with itself"),
            killed("bitlock.LOCK:acquire", "BitLock", "lock-bit", EXCLUSION),
            killed("bitlock.UNLOCK:release", "BitLock", "lock-bit", EXCLUSION),
            killed("mutex.LOCK:acquire", "Mutex", "lock-mutex", EXCLUSION),
            killed("mutex.UNLOCK:release", "Mutex", "lock-mutex", EXCLUSION),
            redundant(
                    "mutex.ANNOUNCE:full",
                    "Mutex",
                    "lock-mutex",
                    "holder and waiter meet at atomics of one word, and the waiter then holds the spinlock of the"
                            + " queue, or hands over, which is full"),
            killed("mutex.HAND_OVER:full", "Mutex", "lock-mutex", DATA_RACE),
            killed("rwsem.DOWN_READ:acquire", "RwSem", "lock-rwsem", EXCLUSION),
            killed("rwsem.DOWN_WRITE:acquire", "RwSem", "lock-rwsem", EXCLUSION),
            killed("rwsem.UP_READ:release", "RwSem", "lock-rwsem", DATA_RACE),
            killed("rwsem.UP_WRITE:release", "RwSem", "lock-rwsem", EXCLUSION),
            killed("rwsem.DOWNGRADE:release", "RwSem", "lock-rwsem", EXCLUSION),
            redundant(
                    "rwsem.ANNOUNCE:full",
                    "RwSem",
                    "lock-rwsem",
                    "holder and waiter meet at atomics of one word, and the waiter then holds the spinlock of the"
                            + " queue, or hands over, which is full"),
            killed("rwsem.HAND_OVER:full", "RwSem", "lock-rwsem", DATA_RACE),
            killed("seqcount.READ_BEGIN", "SeqCount", "lock-seq", EXCLUSION),
            killed("seqcount.READ_RETRY", "SeqCount", "lock-seq", EXCLUSION),
            killed("seqcount.WRITE_BEGIN", "SeqCount", "lock-seq", EXCLUSION),
            killed("seqcount.WRITE_END", "SeqCount", "lock-seq", EXCLUSION),
            redundant(
                    "seqcount.WAIT:acquire",
                    "SeqCount",
                    "lock-seq",
                    "seqcount.READ_BEGIN, a fence for loads, follows, and a reader only loads"),
            killed("sched.SLEEP_STATE", "Sched", "lock-mutex", HANG),
            killed("sched.WAKE_CONDITION", "Sched", "lock-mutex", HANG),
            killed("task_struct.wait_kind:acquire", "Waiters", "lock-mutex", EXCLUSION),
            killed("task_struct.wait_kind:release", "Waiters", "lock-mutexes", DATA_RACE)
                    .by("pos"),
            killed("call.DONE:acquire", "CrossCalls", "cpu-call", HALF_MADE),
            killed("call.DONE_ONE:full", "CrossCalls", "cpu-call", HALF_MADE),
            killed("device.DMA", "BlockDevice", "mm-dma", HALF_MADE));

    private LockRows() {}
}
