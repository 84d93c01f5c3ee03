package kemu.hw.machine;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.order.Order;

/**
 * Serves pending interrupts at the points where a CPU polls: on enabling interrupts or preemption, in spin loops, in
 * idle, and at the border to user mode. Handlers are constants registered at boot.
 */
public final class Interrupts {
    /** A handler of ticks or of a softirq. Context: may not sleep. */
    @FunctionalInterface
    public interface Handler {
        /** Runs on the interrupted CPU. */
        void handle(Cpu cpu);
    }

    private static final int MAX_SOFTIRQ_ROUNDS = 10;

    private final boolean preemptible;
    private Handler[] ticks = new Handler[0];
    private Handler[] softirqs = new Handler[0];
    private Handler calls = cpu -> {};
    private Handler reschedule = cpu -> {};
    private Handler enter = cpu -> {};
    private Handler exit = cpu -> {};

    Interrupts(boolean preemptible) {
        this.preemptible = preemptible;
    }

    /** Adds a handler of the timer tick; handlers run in order of registration. Boot only. */
    public void onTick(Handler handler) {
        Handler[] more = java.util.Arrays.copyOf(ticks, ticks.length + 1);
        more[ticks.length] = handler;
        ticks = more;
    }

    /** Adds a softirq; returns its bit for {@link #raiseSoftirq}. Boot only. */
    public int onSoftirq(Handler handler) {
        Handler[] more = java.util.Arrays.copyOf(softirqs, softirqs.length + 1);
        more[softirqs.length] = handler;
        softirqs = more;
        return 1 << (more.length - 1);
    }

    /** Sets the handler of cross-CPU calls. Boot only. */
    public void onCall(Handler handler) {
        calls = handler;
    }

    /** Sets what a preemption does. Boot only. */
    public void onReschedule(Handler handler) {
        reschedule = handler;
    }

    /**
     * Sets what runs before the handlers of an interrupt, and after its softirqs (RCU watches them in idle). Boot only.
     */
    public void onInterrupt(Handler before, Handler after) {
        enter = before;
        exit = after;
    }

    /** Marks a softirq of this CPU as pending; it runs at the end of the next interrupt. */
    public void raiseSoftirq(Cpu cpu, int bit) {
        long area = cpu.area();
        Area.SOFTIRQ_PENDING.set(cpu, area, Area.SOFTIRQ_PENDING.get(cpu, area) | bit);
    }

    /** True if {@link #serve} would run a handler on this CPU now. Used by the scheduling loop. */
    public boolean deliverable(Cpu cpu) {
        int pending = cpu.read32(cpu.area() + Area.PENDING.offset());
        if (cpu.read32(cpu.area() + Area.IRQ_DEPTH.offset()) != 0) {
            // A handler that interrupted idle is no idle: it goes on when it can, not when it is asked to reschedule.
            return (pending & Area.HALT) != 0;
        }
        boolean idle = cpu.read32(cpu.area() + Area.MODE.offset()) == kemu.hw.cpu.Mode.IDLE;
        return (pending & (idle ? -1 : ~Area.RESCHED)) != 0;
    }

    /** Preempts the current task, which is not in an atomic section, as if RESCHED were pending. */
    public void preempt(Cpu cpu) {
        reschedule.handle(cpu);
    }

    /** Runs what is pending and allowed. Callers come through {@link Cpu#poll}. */
    public void serve(Cpu cpu) {
        long area = cpu.area();
        int pending = Area.PENDING.readOnce(cpu, area);
        if ((pending & Area.HALT) != 0) {
            throw new MachineHalted();
        }
        if (Area.IRQ_DEPTH.get(cpu, area) != 0) {
            return;
        }
        if ((pending & (Area.TICK | Area.CALL)) != 0) {
            hardirq(cpu, area, pending);
        }
        if (preemptible
                && Area.PREEMPT_COUNT.get(cpu, area) == 0
                && (Area.PENDING.readOnce(cpu, area) & Area.RESCHED) != 0) {
            reschedule.handle(cpu);
        }
    }

    private void hardirq(Cpu cpu, long area, int pending) {
        cpu.tell(Event.IRQ_ENTERED, pending, 0);
        Area.IRQ_DEPTH.set(cpu, area, 1);
        Area.PREEMPT_COUNT.set(cpu, area, Area.PREEMPT_COUNT.get(cpu, area) + Area.HARDIRQ);
        enter.handle(cpu);
        int mask = Area.TICK | Area.CALL;
        int taken = cpu.fetchAnd32(Area.PENDING.of(area), ~mask, Order.FULL) & mask;
        if ((taken & Area.TICK) != 0) {
            for (Handler tick : ticks) {
                tick.handle(cpu);
            }
        }
        if ((taken & Area.CALL) != 0) {
            calls.handle(cpu);
        }
        Area.PREEMPT_COUNT.set(cpu, area, Area.PREEMPT_COUNT.get(cpu, area) - Area.HARDIRQ);
        Area.IRQ_DEPTH.set(cpu, area, 0);
        runSoftirqs(cpu, area);
        exit.handle(cpu);
        cpu.tell(Event.IRQ_LEFT, pending, 0);
    }

    private void runSoftirqs(Cpu cpu, long area) {
        if (Area.SOFTIRQ_PENDING.get(cpu, area) == 0 || Area.IN_SOFTIRQ.get(cpu, area) != 0) {
            return;
        }
        Area.IN_SOFTIRQ.set(cpu, area, 1);
        Area.PREEMPT_COUNT.set(cpu, area, Area.PREEMPT_COUNT.get(cpu, area) + Area.SOFTIRQ);
        for (int round = 0; round < MAX_SOFTIRQ_ROUNDS; round++) {
            int raised = Area.SOFTIRQ_PENDING.get(cpu, area);
            if (raised == 0) {
                break;
            }
            Area.SOFTIRQ_PENDING.set(cpu, area, 0);
            for (int i = 0; i < softirqs.length; i++) {
                if ((raised & 1 << i) != 0) {
                    softirqs[i].handle(cpu);
                }
            }
        }
        Area.PREEMPT_COUNT.set(cpu, area, Area.PREEMPT_COUNT.get(cpu, area) - Area.SOFTIRQ);
        Area.IN_SOFTIRQ.set(cpu, area, 0);
    }
}
