package kemu.check.order;

import java.util.function.Consumer;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.kernel.locking.BitLock;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SeqLock;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Mutex;
import kemu.kernel.task.RwSem;
import kemu.mm.Kernel;

/** Two words that a lock keeps equal, changed under it by several tasks. */
final class LockOrderings {
    private static final LockClass TEST = LockClass.of("ordering");
    private static final int BIT = 5;

    private LockOrderings() {}

    /** The words of a scene: the lock, two words that are equal when it is free, and one that nobody changes. */
    private record Words(long lock) {
        Words(Kernel kernel) {
            this(Orderings.page(kernel));
        }

        long first() {
            return lock + 256;
        }

        long second() {
            return lock + 320;
        }

        void check(Cpu cpu) {
            long first = cpu.read64(first());
            // A marked access, so that others may run in between.
            cpu.readOnce64(lock + 384);
            long second = cpu.read64(second());
            if (first != second) {
                throw new Violation(
                        FailureKind.EXCLUSION,
                        "BUG: words that a lock keeps equal are " + first + " and " + second + " on CPU#" + cpu.id());
            }
        }

        void change(Cpu cpu) {
            check(cpu);
            cpu.write64(first(), cpu.read64(first()) + 1);
            cpu.readOnce64(lock + 384);
            cpu.write64(second(), cpu.read64(second()) + 1);
        }

        Consumer<Cpu> changed(int times) {
            return cpu -> {
                check(cpu);
                if (cpu.read64(first()) != times) {
                    throw new Violation(
                            FailureKind.EXCLUSION,
                            "BUG: " + times + " changes under a lock, " + cpu.read64(first()) + " counted");
                }
            };
        }
    }

    /** Takes or releases the lock of a scene. */
    @FunctionalInterface
    private interface LockCall {
        void call(Cpu cpu, long lock);
    }

    /** {@code count} tasks, each of which takes the lock twice and changes the words. */
    private static Consumer<Cpu> changers(Scene scene, int count, Words words, LockCall lock, LockCall unlock) {
        for (int i = 0; i < count; i++) {
            scene.task(i, "changer" + i, cpu -> {
                for (int round = 0; round < 2; round++) {
                    lock.call(cpu, words.lock);
                    words.change(cpu);
                    unlock.call(cpu, words.lock);
                }
            });
        }
        return words.changed(2 * count);
    }

    static Consumer<Cpu> spin(Kernel kernel, Scene scene) {
        Words words = new Words(kernel);
        SpinLock.init(kernel.machine().bootCpu(), words.lock, TEST);
        return changers(scene, 2, words, SpinLock::lock, SpinLock::unlock);
    }

    static Consumer<Cpu> bit(Kernel kernel, Scene scene) {
        Words words = new Words(kernel);
        kernel.machine().bootCpu().write64(words.lock, 0);
        return changers(
                scene,
                2,
                words,
                (cpu, lock) -> BitLock.lock(cpu, lock, BIT),
                (cpu, lock) -> BitLock.unlock(cpu, lock, BIT));
    }

    static Consumer<Cpu> mutex(Kernel kernel, Scene scene) {
        Words words = new Words(kernel);
        Mutex.init(kernel.machine().bootCpu(), words.lock, TEST);
        return changers(scene, 3, words, Mutex::lock, Mutex::unlock);
    }

    /** A task that has just been granted one mutex queues up for another. */
    static Consumer<Cpu> mutexes(Kernel kernel, Scene scene) {
        Words words = new Words(kernel);
        Words other = new Words(kernel);
        Mutex.init(kernel.machine().bootCpu(), words.lock, TEST);
        Mutex.init(kernel.machine().bootCpu(), other.lock, TEST);
        for (int i = 0; i < 3; i++) {
            boolean one = i != 2;
            boolean two = i != 0;
            scene.task(i, "changer" + i, cpu -> {
                for (int round = 0; round < 2; round++) {
                    if (one) {
                        Mutex.lock(cpu, words.lock);
                        words.change(cpu);
                        Mutex.unlock(cpu, words.lock);
                    }
                    if (two) {
                        Mutex.lock(cpu, other.lock);
                        other.change(cpu);
                        Mutex.unlock(cpu, other.lock);
                    }
                }
            });
        }
        return words.changed(4).andThen(other.changed(4));
    }

    static Consumer<Cpu> rwsem(Kernel kernel, Scene scene) {
        Words words = new Words(kernel);
        RwSem.init(kernel.machine().bootCpu(), words.lock, TEST);
        scene.task(0, "writer", cpu -> {
            for (int i = 0; i < 2; i++) {
                RwSem.downWrite(cpu, words.lock);
                words.change(cpu);
                RwSem.upWrite(cpu, words.lock);
            }
        });
        scene.task(1, "downgrader", cpu -> {
            RwSem.downWrite(cpu, words.lock);
            words.change(cpu);
            RwSem.downgradeWrite(cpu, words.lock);
            words.check(cpu);
            RwSem.upRead(cpu, words.lock);
        });
        scene.task(2, "reader", cpu -> {
            for (int i = 0; i < 2; i++) {
                RwSem.downRead(cpu, words.lock);
                words.check(cpu);
                RwSem.upRead(cpu, words.lock);
            }
        });
        return words.changed(3);
    }

    static Consumer<Cpu> seq(Kernel kernel, Scene scene) {
        Words words = new Words(kernel);
        SeqLock.init(kernel.machine().bootCpu(), words.lock, TEST);
        scene.task(0, "writer", cpu -> {
            for (int i = 1; i <= 2; i++) {
                SeqLock.writeLock(cpu, words.lock);
                cpu.writeOnce64(words.first(), i);
                cpu.writeOnce64(words.second(), i);
                SeqLock.writeUnlock(cpu, words.lock);
            }
        });
        scene.task(1, "reader", cpu -> {
            int begin = SeqLock.readBegin(cpu, words.lock);
            long first = cpu.readOnce64(words.first());
            long second = cpu.readOnce64(words.second());
            if (!SeqLock.readRetry(cpu, words.lock, begin) && first != second) {
                throw new Violation(FailureKind.EXCLUSION, "BUG: a seqlock reader saw " + first + " and " + second);
            }
        });
        return words.changed(2);
    }
}
