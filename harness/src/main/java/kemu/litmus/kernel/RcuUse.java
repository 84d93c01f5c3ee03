package kemu.litmus.kernel;

import kemu.hw.cpu.Cpu;
import kemu.rcu.Rcu;

/** How processes read and wait under RCU; another one than {@link #of} is a broken one, to see that tests tell. */
interface RcuUse {
    /** rcu_read_lock. */
    void readLock(Cpu cpu);

    /** rcu_read_unlock. */
    void readUnlock(Cpu cpu);

    /** synchronize_rcu. */
    void synchronize(Cpu cpu);

    /** kemu's own. */
    static RcuUse of(Rcu rcu) {
        return new RcuUse() {
            @Override
            public void readLock(Cpu cpu) {
                rcu.readLock(cpu);
            }

            @Override
            public void readUnlock(Cpu cpu) {
                rcu.readUnlock(cpu);
            }

            @Override
            public void synchronize(Cpu cpu) {
                rcu.synchronizeRcu(cpu);
            }
        };
    }
}
