package kemu.hw;

import java.util.Locale;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.order.Order;
import kemu.kernel.context.Preempt;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Completion;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Mutex;
import kemu.kernel.task.RwSem;
import kemu.kernel.task.Sched;

/** Prints what the hot paths of the native machine cost. A program, not a test: {@code java kemu.hw.HotPaths}. */
public final class HotPaths {
    private static final LockClass BENCH = LockClass.of("bench");
    private static final int ROUNDS = 7;

    private HotPaths() {}

    private interface Body {
        long run(Cpu cpu, long page, int n);
    }

    /** Runs every measurement once. */
    public static void main(String[] args) {
        String only = args.length > 0 ? args[0] : "";
        alone(only, "read64", 50_000_000, HotPaths::reads);
        alone(only, "readOnce32", 50_000_000, HotPaths::onces);
        alone(only, "chase64", 50_000_000, HotPaths::chase);
        alone(only, "cmpxchg64", 20_000_000, HotPaths::exchanges);
        alone(only, "poll", 50_000_000, HotPaths::polls);
        alone(only, "preempt", 50_000_000, HotPaths::preempts);
        alone(only, "spin", 20_000_000, HotPaths::spins);
        alone(only, "spinIrq", 20_000_000, HotPaths::spinsIrq);
        alone(only, "rwsemRead", 20_000_000, HotPaths::semReads);
        alone(only, "rwsemWrite", 20_000_000, HotPaths::semWrites);
        alone(only, "mutex", 20_000_000, HotPaths::mutexes);
        switches(only);
        wakeUps(only);
    }

    private static void alone(String only, String name, int n, Body body) {
        if (!name.startsWith(only)) {
            return;
        }
        try (Machine machine = KernelCore.bootNative(MachineConfig.of(16 << 20, 1))) {
            Cpu boot = machine.bootCpu();
            long page = machine.bootAllocator().allocate(boot, 4096, 4096, "bench");
            SpinLock.init(boot, page, BENCH);
            RwSem.init(boot, page + 64, BENCH);
            Mutex.init(boot, page + 128, BENCH);
            boot.write64(page + 256, page + 256);
            Sched.of(machine)
                    .spawn(
                            boot,
                            cpu -> {
                                double best = Double.MAX_VALUE;
                                for (int i = 0; i < ROUNDS; i++) {
                                    long from = System.nanoTime();
                                    body.run(cpu, page, n);
                                    best = Math.min(best, (double) (System.nanoTime() - from) / n);
                                    Sched.of(machine).condResched(cpu);
                                }
                                print(name, best);
                                machine.halt();
                            },
                            0,
                            "bench",
                            0);
            machine.run();
        }
    }

    private static void print(String name, double nanos) {
        System.out.println(String.format(Locale.ROOT, "%-12s %9.2f ns", name, nanos));
    }

    private static long reads(Cpu cpu, long page, int n) {
        long sum = 0;
        for (int i = 0; i < n; i++) {
            sum += cpu.read64(page + 512 + ((i & 63) << 3));
        }
        return sum;
    }

    private static long onces(Cpu cpu, long page, int n) {
        long sum = 0;
        for (int i = 0; i < n; i++) {
            sum += cpu.readOnce32(page + 512 + ((i & 63) << 3));
        }
        return sum;
    }

    private static long chase(Cpu cpu, long page, int n) {
        long at = page + 256;
        for (int i = 0; i < n; i++) {
            at = cpu.readOnce64(at);
        }
        return at;
    }

    private static long exchanges(Cpu cpu, long page, int n) {
        for (int i = 0; i < n; i++) {
            cpu.cmpxchg64(page + 512, i, i + 1, Order.FULL);
        }
        return 0;
    }

    private static long polls(Cpu cpu, long page, int n) {
        for (int i = 0; i < n; i++) {
            cpu.poll();
        }
        return 0;
    }

    private static long preempts(Cpu cpu, long page, int n) {
        for (int i = 0; i < n; i++) {
            Preempt.disable(cpu);
            Preempt.enable(cpu);
        }
        return 0;
    }

    private static long spins(Cpu cpu, long page, int n) {
        for (int i = 0; i < n; i++) {
            SpinLock.lock(cpu, page);
            SpinLock.unlock(cpu, page);
        }
        return 0;
    }

    private static long spinsIrq(Cpu cpu, long page, int n) {
        for (int i = 0; i < n; i++) {
            SpinLock.lockIrq(cpu, page);
            SpinLock.unlockIrq(cpu, page);
        }
        return 0;
    }

    private static long semReads(Cpu cpu, long page, int n) {
        for (int i = 0; i < n; i++) {
            RwSem.downRead(cpu, page + 64);
            RwSem.upRead(cpu, page + 64);
        }
        return 0;
    }

    private static long semWrites(Cpu cpu, long page, int n) {
        for (int i = 0; i < n; i++) {
            RwSem.downWrite(cpu, page + 64);
            RwSem.upWrite(cpu, page + 64);
        }
        return 0;
    }

    private static long mutexes(Cpu cpu, long page, int n) {
        for (int i = 0; i < n; i++) {
            Mutex.lock(cpu, page + 128);
            Mutex.unlock(cpu, page + 128);
        }
        return 0;
    }

    /** Two tasks of one CPU that take turns. */
    private static void switches(String only) {
        if (!"switch".startsWith(only)) {
            return;
        }
        int n = 1_000_000;
        try (Machine machine = KernelCore.bootNative(MachineConfig.of(16 << 20, 1))) {
            Cpu boot = machine.bootCpu();
            for (int i = 0; i < 2; i++) {
                boolean first = i == 0;
                Sched.of(machine).spawn(boot, cpu -> turns(machine, cpu, n, first), 0, "turn" + i, 0);
            }
            machine.run();
        }
    }

    private static void turns(Machine machine, Cpu cpu, int n, boolean first) {
        double best = Double.MAX_VALUE;
        for (int i = 0; i < ROUNDS; i++) {
            long from = System.nanoTime();
            for (int k = 0; k < n; k++) {
                Sched.of(machine).schedule(cpu);
            }
            best = Math.min(best, (System.nanoTime() - from) / (2.0 * n));
        }
        if (first) {
            print("switch", best);
            machine.halt();
        }
    }

    /** Two tasks of two CPUs that wake each other. */
    private static void wakeUps(String only) {
        if (!"wakeup".startsWith(only)) {
            return;
        }
        try (Machine machine = KernelCore.bootNative(MachineConfig.of(16 << 20, 2))) {
            Cpu boot = machine.bootCpu();
            long page = machine.bootAllocator().allocate(boot, 4096, 4096, "bench");
            Completion.init(boot, page, BENCH);
            Completion.init(boot, page + 128, BENCH);
            Sched.of(machine).spawn(boot, cpu -> pingPong(machine, cpu, page, page + 128, true), 0, "ping", 0);
            Sched.of(machine).spawn(boot, cpu -> pingPong(machine, cpu, page + 128, page, false), 1, "pong", 0);
            machine.run();
        }
    }

    private static void pingPong(Machine machine, Cpu cpu, long mine, long other, boolean first) {
        int n = 100_000;
        double best = Double.MAX_VALUE;
        for (int i = 0; i < ROUNDS; i++) {
            long from = System.nanoTime();
            for (int k = 0; k < n; k++) {
                if (first) {
                    Completion.complete(cpu, other);
                    Completion.await(cpu, mine);
                } else {
                    Completion.await(cpu, mine);
                    Completion.complete(cpu, other);
                }
            }
            best = Math.min(best, (System.nanoTime() - from) / (2.0 * n));
        }
        if (first) {
            print("wakeup", best);
            machine.halt();
        }
    }
}
