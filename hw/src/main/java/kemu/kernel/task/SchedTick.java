package kemu.kernel.task;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Mode;
import kemu.hw.machine.Area;
import kemu.hw.machine.Hang;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.order.Order;

/**
 * What the scheduler does at each tick of a CPU: timers, round robin, and the look at CPUs and tasks that stand still.
 *
 * <p>Source: Linux 2.6.36 kernel/sched.c, scheduler_tick(); kernel/softlockup.c.
 */
final class SchedTick {
    private static final long WATCHDOG_JIFFIES = MachineConfig.HZ / 10;
    private static final long HUNG_SCAN_JIFFIES = MachineConfig.HZ / 10;

    private final Machine machine;
    private final Sched sched;

    SchedTick(Machine machine, Sched sched) {
        this.machine = machine;
        this.sched = sched;
    }

    /** One tick of {@code cpu}. Context: interrupt. */
    void handle(Cpu cpu) {
        long area = cpu.area();
        Timers.expire(sched, cpu, sched.rq(cpu), machine.jiffies(cpu));
        long now = machine.jiffies(cpu);
        if (Area.MODE.get(cpu, area) != Mode.KERNEL) {
            Area.SCHED_JIFFIES.set(cpu, area, now);
        }
        long alone = now - Area.SCHED_JIFFIES.get(cpu, area);
        if (machine.stoodStill(alone, machine.watchdog().softLockupJiffies())) {
            throw new Hang(HangReport.softLockup(cpu));
        }
        // A task that is alone schedules now and then as well, as if to the kernel's watchdog thread.
        if (RunQueue.NR_READY.readOnce(cpu, sched.rq(cpu)) != 0 || alone >= WATCHDOG_JIFFIES) {
            cpu.fetchOr32(Area.PENDING.of(area), Area.RESCHED, Order.RELAXED);
        }
        if (cpu.id() == 0 && now % HUNG_SCAN_JIFFIES == 0) {
            HungTasks.check(sched, machine, cpu, now);
        }
    }
}
