package kemu.rcu;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.kernel.task.Sched;

/** Workloads that a flavour with too short grace periods does not survive. The way to wait is a parameter. */
final class RcuReaders {
    /** Waits for a grace period, or does not. */
    @FunctionalInterface
    interface Wait {
        void await(Cpu cpu);
    }

    private static final long POISON = 0x6b6b6b6bL;
    private static final int WORDS = 4;
    private static final int SLOTS = 2;

    private RcuReaders() {}

    /**
     * One updater replaces an object and poisons the old one after the wait; readers on all CPUs must never see poison,
     * nor words of two objects.
     */
    static void poison(RcuBench bench, int rounds, Wait wait) {
        poison(bench, rounds, 0, wait);
    }

    /**
     * The same with readers that last for so many ticks, which interrupt them. Then CPU 0 is left to the updater and
     * the grace-period thread, so that a grace period that is too short ends inside a reader.
     */
    static void poison(RcuBench bench, int rounds, int readerJiffies, Wait wait) {
        long shared = bench.allocate(8, "pointer");
        long stop = bench.allocate(8, "stop");
        long objects = bench.allocate(SLOTS * 64, "objects");
        fill(bench.boot(), objects, 1);
        bench.boot().write64(shared, objects);
        for (int i = readerJiffies > 0 ? 1 : 0; i < bench.machine.cpus(); i++) {
            bench.task(i, "reader", cpu -> {
                while (cpu.readOnce64(stop) == 0) {
                    read(cpu, bench.rcu, shared, readerJiffies);
                    Sched.of(bench.machine).condResched(cpu);
                }
            });
        }
        int on = readerJiffies > 0 ? 0 : bench.machine.cpus() - 1;
        bench.task(on, "updater", cpu -> {
            for (int i = 0; i < rounds; i++) {
                replace(cpu, bench, shared, objects, i + 2, wait);
            }
            cpu.writeOnce64(stop, 1);
        });
        bench.run();
    }

    private static void fill(Cpu cpu, long object, long value) {
        for (int i = 0; i < WORDS; i++) {
            cpu.writeOnce64(object + 8L * i, value);
        }
    }

    private static void read(Cpu cpu, Rcu rcu, long shared, int jiffies) {
        rcu.readLock(cpu);
        long object = rcu.dereference(cpu, shared);
        long first = cpu.readOnce64(object);
        long until = Machine.of(cpu).jiffies(cpu) + jiffies;
        while (Machine.of(cpu).jiffies(cpu) < until) {
            cpu.relax();
        }
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < WORDS; i++) {
                long value = cpu.readOnce64(object + 8L * i);
                RcuBench.check(value != POISON, "reader saw poison");
                RcuBench.check(value == first, "reader saw " + first + " and " + value);
            }
        }
        rcu.readUnlock(cpu);
    }

    /** MP+rcu: updater sets x, waits, sets y; a reader that reads x then y must not see the old x and the new y. */
    static void messagePassing(RcuBench bench, int rounds, Wait wait) {
        long x = bench.allocate(8 * rounds, "x");
        long y = bench.allocate(8 * rounds, "y");
        long at = bench.allocate(8, "round");
        for (int i = 0; i < bench.machine.cpus(); i++) {
            bench.task(i, "reader", cpu -> {
                long round = cpu.readOnce64(at);
                while (round < rounds) {
                    bench.rcu.readLock(cpu);
                    long sawX = cpu.readOnce64(x + 8 * round);
                    long sawY = cpu.readOnce64(y + 8 * round);
                    bench.rcu.readUnlock(cpu);
                    RcuBench.check(sawX != 0 || sawY == 0, "x=0 and y=1 in round " + round);
                    Sched.of(bench.machine).condResched(cpu);
                    round = cpu.readOnce64(at);
                }
            });
        }
        bench.task(bench.machine.cpus() - 1, "updater", cpu -> {
            for (int i = 0; i < rounds; i++) {
                cpu.writeOnce64(x + 8L * i, 1);
                wait.await(cpu);
                cpu.writeOnce64(y + 8L * i, 1);
                cpu.writeOnce64(at, i + 1);
            }
        });
        bench.run();
    }

    /** Readers in interrupt handlers on CPU 1, which idles otherwise. Three CPUs. */
    static void poisonUnderInterrupts(RcuBench bench, int rounds, Wait wait) {
        long shared = bench.allocate(8, "pointer");
        long stop = bench.allocate(8, "stop");
        long objects = bench.allocate(SLOTS * 64, "objects");
        fill(bench.boot(), objects, 1);
        bench.boot().write64(shared, objects);
        long inside = bench.allocate(8, "inside");
        bench.machine.interrupts().onTick(cpu -> {
            if (cpu.id() == 1 && cpu.readOnce64(stop) == 0) {
                cpu.writeOnce64(inside, 1);
                read(cpu, bench.rcu, shared, 3);
                cpu.writeOnce64(inside, 0);
            }
        });
        bench.task(2, "updater", cpu -> {
            for (int i = 0; i < rounds; i++) {
                while (cpu.readOnce64(inside) == 0) {
                    cpu.relax();
                }
                replace(cpu, bench, shared, objects, i + 2, wait);
            }
            cpu.writeOnce64(stop, 1);
        });
        bench.run();
    }

    private static void replace(Cpu cpu, RcuBench bench, long shared, long objects, long value, Wait wait) {
        long old = cpu.readOnce64(shared);
        long fresh = old == objects ? objects + 64 : objects;
        fill(cpu, fresh, value);
        bench.rcu.assignPointer(cpu, shared, fresh);
        wait.await(cpu);
        fill(cpu, old, POISON);
    }
}
