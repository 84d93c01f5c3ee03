package kemu.rcu;

import kemu.hw.cpu.Cpu;
import kemu.hw.order.Order;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Sched;

/**
 * A short rcutorture: a removed object ages by one at every grace period, and a reader that still holds an object two
 * ages old has outlived a whole grace period. Writers age objects by callback or by waiting. Design: Linux 6.1
 * kernel/rcu/rcutorture.c.
 */
final class RcuTorture {
    private static final LockClass POOL_LOCK = LockClass.of("rcutorture pool");
    private static final int PIPE_LEN = 10;
    private static final int OBJECTS = 100;
    private static final int OBJECT = 64;
    /** In an object: its head at 0, its link in the pool, its age, and 1 while it is live. */
    private static final int LINK = 16;

    private static final int PIPE_COUNT = 24;
    private static final int MBTEST = 32;

    private final RcuBench bench;
    private final boolean busted;
    private final long shared;
    private final long lock;
    private final long pool;
    /** Reads by age of what they found. */
    final long pipe;

    private final long errors;
    private final long writers;
    private final int callback;

    RcuTorture(RcuBench bench, boolean busted) {
        this.bench = bench;
        this.busted = busted;
        Cpu boot = bench.boot();
        shared = bench.allocate(8, "rcu_torture_current");
        lock = bench.allocate(64, "rcu_torture_lock");
        pool = bench.allocate(8, "rcu_torture_freelist");
        pipe = bench.allocate(8 * (PIPE_LEN + 1), "rcu_torture_count");
        errors = bench.allocate(8, "n_rcu_torture_mberror");
        writers = bench.allocate(8, "writers");
        SpinLock.init(boot, lock, POOL_LOCK);
        long objects = bench.allocate(OBJECT * OBJECTS, "rcu_tortures");
        for (int i = 0; i < OBJECTS; i++) {
            release(boot, objects + (long) OBJECT * i);
        }
        callback = bench.rcu.registerCallback("rcu_torture_cb", this::age);
    }

    private long take(Cpu cpu) {
        SpinLock.lockIrq(cpu, lock);
        long object = cpu.read64(pool);
        if (object != 0) {
            cpu.write64(pool, cpu.read64(object + LINK));
        }
        SpinLock.unlockIrq(cpu, lock);
        return object;
    }

    private void release(Cpu cpu, long object) {
        SpinLock.lockIrq(cpu, lock);
        cpu.write64(object + LINK, cpu.read64(pool));
        cpu.write64(pool, object);
        SpinLock.unlockIrq(cpu, lock);
    }

    /** One grace period older: true if the object went back to the pool. */
    private boolean grow(Cpu cpu, long object) {
        long count = cpu.readOnce64(object + PIPE_COUNT) + 1;
        cpu.writeOnce64(object + PIPE_COUNT, count);
        if (count < PIPE_LEN) {
            return false;
        }
        cpu.writeOnce64(object + MBTEST, 0);
        release(cpu, object);
        return true;
    }

    private void age(Cpu cpu, long object) {
        if (!grow(cpu, object)) {
            defer(cpu, object);
        }
    }

    private void defer(Cpu cpu, long object) {
        if (busted) {
            age(cpu, object);
        } else {
            bench.rcu.callRcu(cpu, object, callback);
        }
    }

    private void write(Cpu cpu, int rounds) {
        for (int round = 0; round < rounds; round++) {
            long fresh = take(cpu);
            if (fresh != 0) {
                cpu.writeOnce64(fresh + PIPE_COUNT, 0);
                cpu.writeOnce64(fresh + MBTEST, 1);
                long old = cpu.xchg64(shared, fresh, Order.FULL);
                if (old != 0) {
                    retire(cpu, old, round);
                }
            }
            Sched.of(bench.machine).condResched(cpu);
        }
        cpu.fetchAdd64(writers, -1, Order.FULL);
    }

    private void retire(Cpu cpu, long old, int round) {
        cpu.writeOnce64(old + PIPE_COUNT, 1);
        if (round % 5 == 4 && !busted) {
            bench.rcu.synchronizeRcu(cpu);
            grow(cpu, old);
        }
        defer(cpu, old);
    }

    private void read(Cpu cpu) {
        while (cpu.readOnce64(writers) != 0) {
            bench.rcu.readLock(cpu);
            long object = bench.rcu.dereference(cpu, shared);
            if (object != 0) {
                if (cpu.readOnce64(object + MBTEST) == 0) {
                    cpu.fetchAdd64(errors, 1, Order.FULL);
                }
                for (int i = 0; i < 20; i++) {
                    cpu.relax();
                }
                long age = Math.min(cpu.readOnce64(object + PIPE_COUNT), PIPE_LEN);
                cpu.fetchAdd64(pipe + 8 * age, 1, Order.RELAXED);
            }
            bench.rcu.readUnlock(cpu);
            Sched.of(bench.machine).condResched(cpu);
        }
    }

    /** Runs it and returns how many reads found an object two or more grace periods old. */
    long torture(int rounds) {
        int cpus = bench.machine.cpus();
        int count = (cpus + 1) / 2;
        bench.boot().write64(writers, count);
        for (int i = 0; i < cpus; i++) {
            bench.task(i, "rcu_torture_rea", this::read);
        }
        for (int i = 0; i < count; i++) {
            bench.task(i, "rcu_torture_wri", cpu -> write(cpu, rounds));
        }
        bench.run();
        long tooOld = bench.boot().read64(errors);
        for (int age = 2; age <= PIPE_LEN; age++) {
            tooOld += bench.boot().read64(pipe + 8 * age);
        }
        return tooOld;
    }
}
