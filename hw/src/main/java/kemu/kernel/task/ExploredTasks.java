package kemu.kernel.task;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Fiber;
import kemu.hw.machine.Area;
import kemu.hw.machine.DrivenTasks;
import kemu.hw.machine.EmuMachine;
import kemu.kernel.context.Task;

/**
 * The tasks of a machine whose executions are explored. Each CPU begins with one of them as its current task, as if it
 * had just switched to it; further tasks of the CPU wait in its run queue. Between executions every fiber that is not
 * back at its beginning is replaced.
 */
final class ExploredTasks extends DrivenTasks {
    private final EmuMachine machine;
    private final Sched sched;
    private final Ends ends;
    private final int count;
    private final int[] firstSlots;
    private final int[] countOn;
    private final TaskBody[] bodies;
    private boolean mixed;

    /**
     * Takes over the machine's tasks: all that have been started on {@code machine}, which has not run. Changes memory;
     * the last thing before a snapshot.
     */
    ExploredTasks(EmuMachine machine, Sched sched, Ends ends) {
        this.machine = machine;
        this.sched = sched;
        this.ends = ends;
        Cpu boot = machine.bootCpu();
        firstSlots = new int[machine.cpus()];
        countOn = new int[machine.cpus()];
        bodies = sched.bodies.clone();
        int tasks = 0;
        for (int slot = 0; slot < bodies.length; slot++) {
            if (bodies[slot] != null && Task.STATE.get(boot, sched.tasks().at(slot)) != Task.DEAD) {
                boolean serves = (Task.FLAGS.get(boot, sched.tasks().at(slot)) & Task.PF_DAEMON) != 0;
                tasks += serves ? 0 : 1;
                countOn[Task.CPU.get(boot, sched.tasks().at(slot))]++;
            } else {
                bodies[slot] = null;
            }
        }
        count = tasks;
        for (int id = 0; id < firstSlots.length; id++) {
            firstSlots[id] = switchIn(boot, machine.cpu(id));
        }
        replaceAll();
    }

    /** Makes the first ready task of {@code cpu} its current one; returns its slot, -1 if there is none. */
    private int switchIn(Cpu boot, EmuCpu cpu) {
        long task = RunQueue.dequeue(boot, sched.rq(cpu));
        if (task == Cpu.NULL) {
            return -1;
        }
        Area.CURRENT.set(boot, cpu.area(), task);
        Area.CURRENT_PID.set(boot, cpu.area(), Task.PID.get(boot, task));
        Area.PREEMPT_COUNT.set(boot, cpu.area(), 0);
        Area.IRQ_DEPTH.set(boot, cpu.area(), 0);
        Area.PENDING.set(boot, cpu.area(), 0);
        return sched.tasks().slot(task);
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public int countOn(int id) {
        return countOn[id];
    }

    @Override
    public boolean has(int id) {
        return firstSlots[id] >= 0;
    }

    @Override
    public boolean preemptible(EmuCpu cpu) {
        long area = cpu.area();
        return machine.config().preemptible()
                && countOn[cpu.id()] > 1
                && cpu.peek32(Area.PREEMPT_COUNT.of(area)) == 0
                && cpu.peek32(Area.IRQ_DEPTH.of(area)) == 0
                && cpu.peek32(RunQueue.NR_READY.of(sched.rq(cpu))) != 0;
    }

    @Override
    public Fiber first(int id) {
        return sched.fibers[firstSlots[id]];
    }

    @Override
    public void switched() {
        mixed = true;
    }

    @Override
    public void renew() {
        if (mixed) {
            replaceAll();
        }
    }

    @Override
    public void renewFirst(int id) {
        sched.fibers[firstSlots[id]] = firstFiber(id);
    }

    private void replaceAll() {
        mixed = false;
        for (int slot = 0; slot < bodies.length; slot++) {
            int own = slot;
            if (bodies[slot] != null) {
                sched.bodies[slot] = cpu -> {
                    if (run(own, (EmuCpu) cpu)) {
                        waitForEver();
                    }
                };
                sched.fibers[slot] = new Fiber(() -> sched.taskLoop(own));
            }
        }
        for (int id = 0; id < firstSlots.length; id++) {
            Cpu cpu = machine.cpu(id);
            sched.idleTasks().renew(cpu);
            if (has(id)) {
                renewFirst(id);
            }
        }
    }

    private Fiber firstFiber(int id) {
        EmuCpu cpu = machine.cpu(id);
        int slot = firstSlots[id];
        return new Fiber(() -> {
            // One round per execution; a round that does not come to its end is the fiber's last.
            while (true) {
                if (!run(slot, cpu)) {
                    sched.die(cpu);
                }
                Fiber.suspend();
            }
        });
    }

    /** Runs the body in {@code slot}; true if its CPU has nothing more to do. */
    private boolean run(int slot, EmuCpu cpu) {
        Throwable failure = null;
        try {
            bodies[slot].run(cpu);
        } catch (RuntimeException | Error thrown) {
            failure = thrown;
        }
        return ends.ended(cpu, failure);
    }

    private static void waitForEver() {
        while (true) {
            Fiber.suspend();
        }
    }
}
