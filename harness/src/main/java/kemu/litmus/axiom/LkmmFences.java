package kemu.litmus.axiom;

import kemu.litmus.path.MemoryEvent;

/** The orderings that fences, acquire and release give in the kernel's model. */
final class LkmmFences {
    final Rel rmb;
    final Rel wmb;
    /** From every access to a later release. */
    final Rel release;
    /** From an acquire to every later access. */
    final Rel acquire;
    /** All of them within a process. */
    final Rel fence;
    /** From an unlock through smp_mb__after_unlock_lock, for an unlock of another process. */
    private final Rel beforeUnlock;

    private final Rel afterUnlockLock;
    private final Rel strong;
    /** Across a grace period. */
    final Rel gracePeriods;

    private final Frame f;

    LkmmFences(Frame f) {
        this.f = f;
        rmb = f.fence(MemoryEvent.Kind.RMB).within(f.ordinaryReads);
        wmb = f.fence(MemoryEvent.Kind.WMB).within(f.writing);
        release = f.po.from(f.accesses).to(f.release);
        acquire = f.po.from(f.acquire).to(f.accesses);
        beforeUnlock = f.po.from(f.accesses).to(f.unlock);
        afterUnlockLock = f.any(MemoryEvent.Kind.AFTER_UNLOCK_LOCK)
                ? f.fence(MemoryEvent.Kind.AFTER_UNLOCK_LOCK).from(f.lockWrite).to(f.accesses)
                : null;
        gracePeriods = f.po.to(f.of(MemoryEvent.Kind.SYNC_RCU))
                .or(f.po.to(f.of(MemoryEvent.Kind.SYNC_SRCU)))
                .then(f.po.optional());
        strong = strong(f);
        fence = strong.or(release).or(acquire).or(rmb).or(wmb);
    }

    private Rel strong(Frame f) {
        Rel poOrSame = f.po.optional();
        Rel mb = f.fence(MemoryEvent.Kind.MB);
        mb = mb.or(f.fence(MemoryEvent.Kind.BEFORE_ATOMIC).to(f.atomic).then(poOrSame));
        mb = mb.or(poOrSame.to(f.atomic).then(f.fence(MemoryEvent.Kind.AFTER_ATOMIC)));
        mb = mb.or(poOrSame.to(f.lockWrite).then(f.fence(MemoryEvent.Kind.AFTER_SPINLOCK)));
        mb = mb.or(poOrSame.to(f.of(MemoryEvent.Kind.SRCU_UNLOCK)).then(f.fence(MemoryEvent.Kind.AFTER_SRCU_UNLOCK)));
        if (afterUnlockLock != null) {
            mb = mb.or(beforeUnlock.then(f.po).then(afterUnlockLock));
        }
        return mb.within(f.accesses).or(gracePeriods);
    }

    /**
     * Full barriers, also those of smp_mb__after_unlock_lock; {@code unlockLock} leads over an unlock and the lock that
     * follows it in the process or reads from it.
     */
    Rel strongAfter(Rel unlockLock) {
        return afterUnlockLock == null
                ? strong
                : strong.or(unlockLock
                        .to(f.of(MemoryEvent.Kind.AFTER_UNLOCK_LOCK))
                        .then(f.po)
                        .within(f.accesses));
    }

    /** As of Linux 6.1: full barriers, also those between processes that pass a lock on, in any number of steps. */
    Rel strong(Rel co) {
        return afterUnlockLock == null
                ? strong
                : strong.or(beforeUnlock.then(co).then(afterUnlockLock));
    }
}
