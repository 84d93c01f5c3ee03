package kemu.kernel.task;

import static org.junit.jupiter.api.Assertions.assertEquals;

import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.explore.Dpor;
import kemu.hw.explore.Explorer;
import kemu.hw.explore.Result;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.order.Order;
import kemu.kernel.context.Task;
import org.junit.jupiter.api.Test;

/**
 * A task finds what it was about to sleep for and ends, while whoever brought that about still wakes it. The dead stay
 * dead: the state is written under the lock under which the waker looks. Source: Linux b5740f4b2cb3 (3.3), "sched: Fix
 * ancient race in do_exit()".
 */
class LateWakeTest {
    @Test
    void shouldNotCallTheDeadBackToLife() {
        MachineConfig config = new MachineConfig(1 << 20, 2, 1, false, "ticket", 16, MemoryModel.SC);
        try (EmuMachine machine = KernelCore.bootEmulated(config)) {
            Cpu boot = machine.bootCpu();
            Sched sched = Sched.of(machine);
            long condition = machine.bootAllocator().allocate(boot, 128, 64, "condition");
            long lives = condition + 64;
            long waiter = sched.spawn(boot, cpu -> wait(sched, cpu, condition, lives), 0, "waiter", 0);
            sched.spawn(boot, cpu -> wake(sched, cpu, condition, waiter), 1, "waker", 0);
            Explorer explorer = new Explorer(machine, cpu -> assertEquals(1, cpu.read32(lives), "lives"));
            Result result = explorer.explore(new Dpor(), 1_000_000, () -> 1);
            assertEquals(Result.Verdict.PASS, result.verdict(), () -> String.valueOf(result.failure()));
        }
    }

    private static void wait(Sched sched, Cpu cpu, long condition, long lives) {
        cpu.fetchAdd32(lives, 1, Order.RELAXED);
        Sched.setState(cpu, Task.UNINTERRUPTIBLE);
        if (cpu.readOnce32(condition) == 0) {
            sched.schedule(cpu);
        }
        Sched.setState(cpu, Task.RUNNING);
    }

    private static void wake(Sched sched, Cpu cpu, long condition, long waiter) {
        cpu.writeOnce32(condition, 1);
        sched.wakeUp(cpu, waiter);
    }
}
