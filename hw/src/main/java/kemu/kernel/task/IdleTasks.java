package kemu.kernel.task;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Fiber;
import kemu.hw.cpu.Mode;
import kemu.hw.machine.Area;
import kemu.hw.machine.Interrupts;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineHalted;
import kemu.hw.order.Order;
import kemu.kernel.context.Preempt;
import kemu.kernel.context.Task;

/**
 * The idle task of each CPU: what the CPU begins with, and runs while it has no other.
 *
 * <p>Source: Linux 2.6.36 arch/x86/kernel/process_64.c, cpu_idle().
 */
public final class IdleTasks {
    private static final int COMM = 0;

    private final Machine machine;
    private final Sched sched;
    private Interrupts.Handler enterHook = cpu -> {};
    private Interrupts.Handler exitHook = cpu -> {};

    IdleTasks(Machine machine, Sched sched) {
        this.machine = machine;
        this.sched = sched;
    }

    /** Makes the idle task of {@code cpu}, which {@code boot} lays out, its current one. */
    void make(Cpu boot, Cpu cpu) {
        long idle = sched.tasks().allocate(boot);
        sched.setUp(boot, idle, cpu.id(), COMM, Task.PF_KTHREAD);
        Area.IDLE_TASK.set(boot, cpu.area(), idle);
        Area.CURRENT.set(boot, cpu.area(), idle);
        // Boot and the idle task run with preemption disabled; loop() enables it only to schedule.
        Area.PREEMPT_COUNT.set(boot, cpu.area(), 1);
        sched.fibers[sched.tasks().slot(idle)] = new Fiber(() -> loop(cpu));
    }

    /** Sets what runs before a CPU idles and after it stops idling. Boot only. */
    public void onIdle(Interrupts.Handler enter, Interrupts.Handler exit) {
        enterHook = enter;
        exitHook = exit;
    }

    /** The fiber of the idle task of CPU {@code id}. */
    Fiber fiber(int id) {
        return sched.fibers[slot(machine.cpu(id))];
    }

    /** Replaces the fiber of the idle task of {@code cpu} by one that begins where the CPU has switched to it. */
    void renew(Cpu cpu) {
        sched.fibers[slot(cpu)] = new Fiber(() -> {
            sched.finishSwitch(cpu);
            Preempt.disable(cpu);
            loop(cpu);
        });
    }

    private int slot(Cpu cpu) {
        return sched.tasks().slot(Area.IDLE_TASK.get(cpu, cpu.area()));
    }

    private void loop(Cpu cpu) {
        long area = cpu.area();
        long rq = sched.rq(cpu);
        Area.SCHED_JIFFIES.set(cpu, area, machine.jiffies(cpu));
        try {
            // Ends with the machine.
            while (!machine.halted()) {
                Sched.setMode(cpu, Mode.IDLE);
                enterHook.handle(cpu);
                while (RunQueue.NR_READY.readOnce(cpu, rq) == 0 && !machine.halted()) {
                    cpu.idleWait();
                    cpu.poll();
                    cpu.fetchAnd32(Area.PENDING.of(area), ~Area.RESCHED, Order.FULL);
                }
                exitHook.handle(cpu);
                Sched.setMode(cpu, Mode.KERNEL);
                Preempt.enableNoResched(cpu);
                sched.schedule(cpu);
                Preempt.disable(cpu);
            }
        } catch (MachineHalted halted) {
            throw halted;
        } catch (Throwable failure) {
            machine.fail(failure);
            throw failure;
        }
    }
}
