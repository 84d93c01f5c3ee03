package kemu.check.order;

import java.util.function.Consumer;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.kernel.task.Sched;
import kemu.mm.Kernel;
import kemu.rcu.Rcu;
import kemu.rcu.list.HList;
import kemu.rcu.list.ListHead;
import kemu.rcu.list.RcuList;

/** What RCU promises about order: guarantees A and B of {@link Rcu}. */
final class RcuOrderings {
    private static final int CONTENTS = 64;

    private RcuOrderings() {}

    private static void seen(Cpu cpu, long object) {
        if (object != Cpu.NULL && cpu.read64(object + CONTENTS) != 1) {
            throw new Violation(
                    FailureKind.HALF_MADE,
                    "BUG: a reader on CPU#" + cpu.id() + " found an object without its contents");
        }
    }

    /** B4: a reader that finds a pointer sees what was written before its publication. */
    static Consumer<Cpu> publish(Kernel kernel, Scene scene) {
        Rcu rcu = kernel.rcu();
        long shared = Orderings.page(kernel);
        long object = shared + 512;
        scene.task(0, "updater", cpu -> {
            cpu.write64(object + CONTENTS, 1);
            rcu.assignPointer(cpu, shared, object);
        });
        scene.task(1, "reader", cpu -> {
            rcu.readLock(cpu);
            seen(cpu, rcu.dereference(cpu, shared));
            rcu.readUnlock(cpu);
        });
        return cpu -> {};
    }

    /** B4 for what is inserted into a list, and into a chain. */
    static Consumer<Cpu> lists(Kernel kernel, Scene scene) {
        Rcu rcu = kernel.rcu();
        Cpu boot = kernel.machine().bootCpu();
        long head = Orderings.page(kernel);
        long chain = head + 128;
        long node = head + 512;
        long link = head + 1024;
        ListHead.init(boot, head);
        HList.initHead(boot, chain);
        scene.task(0, "updater", cpu -> {
            cpu.write64(node + CONTENTS, 1);
            RcuList.add(cpu, node, head);
            cpu.write64(link + CONTENTS, 1);
            HList.addHeadRcu(cpu, link, chain);
        });
        scene.task(1, "reader", cpu -> {
            rcu.readLock(cpu);
            long first = ListHead.NEXT.dereference(cpu, head);
            seen(cpu, first == head ? Cpu.NULL : first);
            seen(cpu, HList.firstRcu(cpu, chain));
            rcu.readUnlock(cpu);
        });
        return cpu -> {};
    }

    /** A1 and B1: set x, wait for a grace period, set y; no reader sees the new y and the old x. */
    static Consumer<Cpu> gracePeriod(Kernel kernel, Scene scene) {
        Rcu rcu = kernel.rcu();
        long x = Orderings.page(kernel);
        long y = x + 64;
        scene.task(0, "reader", cpu -> {
            rcu.readLock(cpu);
            long before = cpu.readOnce64(x);
            long then = cpu.readOnce64(y);
            long after = cpu.readOnce64(x);
            rcu.readUnlock(cpu);
            if (then == 1 && (before == 0 || after == 0)) {
                throw new Violation(
                        FailureKind.RCU_OUTLIVED,
                        "BUG: a reader outlived a grace period: x=" + before + ", y=1, x=" + after);
            }
            advanceUntil(kernel, cpu, 1);
        });
        scene.task(1, "updater", cpu -> {
            cpu.writeOnce64(x, 1);
            rcu.synchronizeRcu(cpu);
            cpu.writeOnce64(y, 1);
        });
        scene.daemon(2, "rcu_gp", rcu::runGracePeriods);
        return cpu -> {};
    }

    /**
     * A1 for a reader in an interrupt handler of a CPU that idles: nothing but the idle counter tells of it. It stores
     * what it saw; whoever waited for it sees that.
     */
    static Consumer<Cpu> idle(Kernel kernel, Scene scene) {
        Rcu rcu = kernel.rcu();
        long x = Orderings.page(kernel);
        long old = x + 64;
        long seen = x + 128;
        int reader = kernel.machine().interrupts().onSoftirq(cpu -> {
            rcu.readLock(cpu);
            if (cpu.readOnce64(x) == 0) {
                cpu.writeOnce64(old, 1);
            }
            rcu.readUnlock(cpu);
        });
        int interrupt = Sched.of(kernel.machine())
                .crossCalls()
                .register((cpu, unused) -> kernel.machine().interrupts().raiseSoftirq(cpu, reader));
        scene.idles(0);
        scene.task(1, "updater", cpu -> {
            Sched.of(kernel.machine()).crossCalls().callMany(cpu, 1, interrupt, 0);
            cpu.writeOnce64(x, 1);
            rcu.synchronizeRcu(cpu);
            cpu.write64(seen, cpu.readOnce64(old));
        });
        scene.daemon(2, "rcu_gp", rcu::runGracePeriods);
        return cpu -> {
            if (cpu.read64(seen) != cpu.read64(old)) {
                throw new Violation(
                        FailureKind.RCU_OUTLIVED,
                        "BUG: a reader outlived a grace period: what it stored came after the end");
            }
        };
    }

    /** A1 for a reader that may be preempted by another task of its CPU. */
    static Consumer<Cpu> preempted(Kernel kernel, Scene scene) {
        Rcu rcu = kernel.rcu();
        long x = Orderings.page(kernel);
        scene.task(0, "reader", cpu -> {
            rcu.readLock(cpu);
            long before = cpu.readOnce64(x);
            long after = cpu.readOnce64(x + 64);
            rcu.readUnlock(cpu);
            if (before == 0 && after == 1) {
                throw new Violation(FailureKind.RCU_OUTLIVED, "BUG: a preempted reader outlived a grace period");
            }
        });
        scene.task(0, "other", cpu -> cpu.readOnce64(x + 128));
        scene.idles(0);
        scene.task(1, "updater", cpu -> {
            cpu.writeOnce64(x, 1);
            rcu.synchronizeRcu(cpu);
            cpu.writeOnce64(x + 64, 1);
        });
        scene.daemon(2, "rcu_gp", rcu::runGracePeriods);
        return cpu -> {};
    }

    /** Does what the tick of this CPU would do, until so many grace periods are over. */
    private static void advanceUntil(Kernel kernel, Cpu cpu, long gracePeriods) {
        // The loop ends with the grace period: the other CPUs report their own quiescent states, or idle.
        while (kernel.rcu().gracePeriods(cpu) < gracePeriods) {
            kernel.rcu().advance(cpu);
            cpu.relax();
        }
    }

    /** A2 and A3: a callback is over when rcu_barrier returns, and so is what it did. */
    static Consumer<Cpu> barrier(Kernel kernel, Scene scene) {
        Rcu rcu = kernel.rcu();
        long head = Orderings.page(kernel);
        long done = head + 512;
        long over = head + 576;
        int callback = rcu.registerCallback("ordering", (cpu, at) -> cpu.write64(done, 1));
        rcu.callRcu(kernel.machine().cpu(0), head, callback);
        scene.task(0, "caller", cpu -> {
            // The loop ends with the waiter; until then this CPU invokes callbacks and answers calls.
            while (cpu.readOnce64(over) == 0) {
                rcu.advance(cpu);
                cpu.relax();
            }
        });
        scene.task(1, "waiter", cpu -> {
            advanceUntil(kernel, cpu, 1);
            rcu.rcuBarrier(cpu);
            if (cpu.read64(done) != 1) {
                throw new Violation(FailureKind.CALLBACK_LOST, "BUG: rcu_barrier returned before a callback was over");
            }
            cpu.writeOnce64(over, 1);
        });
        scene.daemon(2, "rcu_gp", rcu::runGracePeriods);
        return cpu -> {};
    }

    /** Calls of functions on other CPUs, which rcu_barrier is built on. */
    static Consumer<Cpu> crossCall(Kernel kernel, Scene scene) {
        long answer = Orderings.page(kernel);
        long called = answer + 128;
        int function = Sched.of(kernel.machine()).crossCalls().register((cpu, argument) -> {
            cpu.write64(answer, cpu.read64(argument) + 1);
            cpu.writeOnce64(called, 1);
        });
        scene.task(0, "caller", cpu -> {
            cpu.write64(answer + 64, 6);
            Sched.of(kernel.machine()).crossCalls().callMany(cpu, 1L << 1, function, answer + 64);
            if (cpu.read64(answer) != 7) {
                throw new Violation(
                        FailureKind.HALF_MADE, "BUG: a function called on another CPU answered " + cpu.read64(answer));
            }
        });
        scene.task(1, "called", cpu -> {
            // The loop ends when the call of the other CPU is over.
            while (cpu.readOnce64(called) == 0) {
                cpu.relax();
            }
        });
        return cpu -> {};
    }
}
