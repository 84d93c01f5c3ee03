package kemu.kernel.context;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.machine.Area;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;

/** Disabling of preemption and of interrupts on the calling CPU. Both nest. */
public final class Preempt {
    private Preempt() {}

    /** preempt_disable: until the matching {@link #enable} this CPU does not switch tasks. */
    public static void disable(Cpu cpu) {
        long area = cpu.area();
        Area.PREEMPT_COUNT.set(cpu, area, Area.PREEMPT_COUNT.get(cpu, area) + 1);
    }

    /**
     * {@link #disable}, at the end of code that could be preempted up to here: a tick or a wake-up that fell into it
     * strikes now at the latest. Without it a machine that polls would never be preempted between two reads.
     */
    public static void disableFromPreemptible(Cpu cpu) {
        long area = cpu.area();
        int count = Area.PREEMPT_COUNT.get(cpu, area);
        if (count == 0) {
            cpu.endInterruptible();
        }
        Area.PREEMPT_COUNT.set(cpu, area, count + 1);
    }

    /** preempt_enable: serves what became pending once the count reaches zero. */
    public static void enable(Cpu cpu) {
        long area = cpu.area();
        int count = Area.PREEMPT_COUNT.get(cpu, area) - 1;
        Area.PREEMPT_COUNT.set(cpu, area, count);
        if (count == 0) {
            cpu.poll();
        }
    }

    /** preempt_enable_no_resched: like {@link #enable}, but serves nothing. */
    public static void enableNoResched(Cpu cpu) {
        long area = cpu.area();
        Area.PREEMPT_COUNT.set(cpu, area, Area.PREEMPT_COUNT.get(cpu, area) - 1);
    }

    /** Current count; 0 means preemptible. */
    public static int count(Cpu cpu) {
        return Area.PREEMPT_COUNT.get(cpu, cpu.area());
    }

    /** local_irq_disable (nests): until the matching {@link #irqEnable} no handler runs on this CPU. */
    public static void irqDisable(Cpu cpu) {
        long area = cpu.area();
        Area.IRQ_DEPTH.set(cpu, area, Area.IRQ_DEPTH.get(cpu, area) + 1);
    }

    /** local_irq_enable: serves what became pending once the depth reaches zero. */
    public static void irqEnable(Cpu cpu) {
        long area = cpu.area();
        int depth = Area.IRQ_DEPTH.get(cpu, area) - 1;
        Area.IRQ_DEPTH.set(cpu, area, depth);
        if (depth == 0) {
            cpu.poll();
        }
    }

    /** True if interrupts are disabled on this CPU. */
    public static boolean irqsDisabled(Cpu cpu) {
        return Area.IRQ_DEPTH.get(cpu, cpu.area()) != 0;
    }

    /**
     * might_sleep: throws if the caller may not sleep (preemption or interrupts disabled, or inside an RCU reader).
     * Boot code, which is alone and never has to wait, may. {@code where} names the caller.
     */
    public static void mightSleep(Cpu cpu, String where) {
        boolean reader = Task.inReader(cpu, Area.CURRENT.get(cpu, cpu.area()));
        if ((count(cpu) != 0 || irqsDisabled(cpu) || reader) && Machine.of(cpu).running()) {
            cpu.tell(Event.SLEEPS_IN_ATOMIC, Cpu.NULL, 0);
            throw new KernelBug(
                    FailureKind.ATOMIC_CONTEXT,
                    "BUG: sleeping function called from invalid context at " + where + ", preempt_count="
                            + count(cpu) + " irqs_disabled=" + irqsDisabled(cpu) + " rcu_reader=" + reader + " on CPU#"
                            + cpu.id() + ", pid " + Area.CURRENT_PID.get(cpu, cpu.area()));
        }
    }
}
