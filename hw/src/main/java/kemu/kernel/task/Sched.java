package kemu.kernel.task;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.cpu.Fiber;
import kemu.hw.cpu.Mode;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Area;
import kemu.hw.machine.Interrupts;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Barriers;
import kemu.hw.order.Order;
import kemu.kernel.context.Preempt;
import kemu.kernel.context.Task;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;

/**
 * The kernel's scheduler: round robin on each CPU, tasks pinned for life, preemption by the tick. A CPU always runs
 * some task; the idle task of the CPU if there is no other.
 *
 * <p>Source: Linux 2.6.36 kernel/sched.c, schedule() and try_to_wake_up(), without priorities and migration.
 */
public final class Sched {
    /** Orders a sleeper's state store against its last look at the condition; pairs with {@link #WAKE_CONDITION}. */
    private static final int SLEEP_STATE = Barriers.fence("sched.SLEEP_STATE");
    /** Orders a waker's condition store against its load of the sleeper's state; pairs with {@link #SLEEP_STATE}. */
    private static final int WAKE_CONDITION = Barriers.fence("sched.WAKE_CONDITION");

    /** Why a task gives its CPU up: it has said whether it sleeps. */
    private static final int YIELDS = 0;
    /** It was interrupted, whatever it was about to say. */
    private static final int PREEMPTED = 1;
    /** It has ended. */
    private static final int DIES = 2;

    private final Machine machine;
    private final TaskTable tasks;
    private final int rqOffset;
    final Fiber[] fibers;
    final TaskBody[] bodies;
    private final CrossCalls crossCalls;
    private final Comms comms;
    private final IdleTasks idleTasks;
    private Interrupts.Handler beforeSwitchHook = cpu -> {};
    private Interrupts.Handler contextSwitchHook = cpu -> {};

    /** Lays out the task table and makes one idle task per CPU. Once for each machine. */
    Sched(Machine machine, Comms comms) {
        this.machine = machine;
        this.comms = comms;
        Cpu boot = machine.bootCpu();
        tasks = new TaskTable(machine, boot);
        fibers = new Fiber[machine.config().maxTasks()];
        bodies = new TaskBody[machine.config().maxTasks()];
        rqOffset = machine.reservePerCpu(RunQueue.LAYOUT.sizeBytes());
        idleTasks = new IdleTasks(machine, this);
        for (int i = 0; i < machine.cpus(); i++) {
            Cpu cpu = machine.cpu(i);
            SpinLock.init(boot, RunQueue.LOCK.of(rq(cpu)), LockClass.RUN_QUEUE);
            idleTasks.make(boot, cpu);
        }
        machine.interrupts().onTick(new SchedTick(machine, this)::handle);
        machine.interrupts().onReschedule(this::preempt);
        crossCalls = new CrossCalls(machine, boot);
        machine.interrupts().onCall(crossCalls::serve);
    }

    /** The scheduler of {@code machine}. */
    public static Sched of(Machine machine) {
        return KernelCore.of(machine).sched();
    }

    /** The scheduler of the machine of {@code cpu}. */
    public static Sched of(Cpu cpu) {
        return of(Machine.of(cpu));
    }

    /**
     * Sets what runs before every context switch, on the task that leaves, interrupts disabled, run queue not locked
     * (RCU notes a preempted reader). Boot only.
     */
    public void beforeContextSwitch(Interrupts.Handler hook) {
        beforeSwitchHook = hook;
    }

    /** Sets what runs on every context switch, run queue locked (RCU notes a quiescent state). Boot only. */
    public void onContextSwitch(Interrupts.Handler hook) {
        contextSwitchHook = hook;
    }

    /** The idle tasks. */
    public IdleTasks idleTasks() {
        return idleTasks;
    }

    /** Calls of functions on other CPUs. */
    public CrossCalls crossCalls() {
        return crossCalls;
    }

    /** The task running on this CPU. */
    public static @Ref(Task.class) long current(Cpu cpu) {
        return Area.CURRENT.get(cpu, cpu.area());
    }

    /** All task slots, for reports and the OOM killer. */
    public TaskTable tasks() {
        return tasks;
    }

    /** Where {@code task} is suspended; for reports, when it is not running. */
    public Fiber fiberOf(@Ref(Task.class) long task) {
        return fibers[tasks.slot(task)];
    }

    /**
     * Makes a task that is not running yet; {@link #start} makes it ready. The caller holds one reference, which
     * {@link #put} drops (reaping); the running task holds the other.
     *
     * @param on CPU the task is pinned to
     * @param flags {@code PF_} bits
     * @return the task, or NULL if all slots are taken
     */
    public @Ref(Task.class) long create(Cpu cpu, TaskBody body, int on, int comm, int flags) {
        long task = tasks.allocate(cpu);
        if (task == Cpu.NULL) {
            return Cpu.NULL;
        }
        setUp(cpu, task, on, comm, flags);
        int slot = tasks.slot(task);
        bodies[slot] = body;
        if (fibers[slot] == null) {
            fibers[slot] = new Fiber(() -> taskLoop(slot));
        }
        if ((flags & Task.PF_KTHREAD) == 0) {
            RunQueue.NR_TASKS.add(cpu, rq(machine.cpu(on)), 1);
        }
        return task;
    }

    void setUp(Cpu cpu, long task, int on, int comm, int flags) {
        Task.STATE.writeOnce(cpu, task, Task.RUNNING);
        Task.CPU.writeOnce(cpu, task, on);
        Task.FLAGS.writeOnce(cpu, task, flags);
        Task.USAGE.writeOnce(cpu, task, 2);
        Task.COMM.writeOnce(cpu, task, comm);
    }

    /** wake_up_new_task: makes a created task ready to run. */
    public void start(Cpu cpu, @Ref(Task.class) long task) {
        Preempt.irqDisable(cpu);
        Cpu target = machine.cpu(Task.CPU.get(cpu, task));
        SpinLock.lock(cpu, RunQueue.LOCK.of(rq(target)));
        RunQueue.enqueue(cpu, rq(target), task);
        SpinLock.unlock(cpu, RunQueue.LOCK.of(rq(target)));
        kick(cpu, target);
        Preempt.irqEnable(cpu);
    }

    /** {@link #create} and {@link #start} in one; the caller's reference is dropped. For kernel threads and tests. */
    public @Ref(Task.class) long spawn(Cpu cpu, TaskBody body, int on, String name, int flags) {
        long task = create(cpu, body, on, comms.number(name), flags);
        if (task == Cpu.NULL) {
            throw new KernelBug(FailureKind.OUT_OF_MEMORY, "BUG: no task slot left for " + name);
        }
        put(cpu, task);
        start(cpu, task);
        return task;
    }

    /** The CPU with the fewest tasks; {@code cpu} itself on a tie. */
    public int leastLoaded(Cpu cpu) {
        int best = cpu.id();
        int least = RunQueue.NR_TASKS.readOnce(cpu, rq(cpu));
        for (int i = 0; i < machine.cpus(); i++) {
            int tasksThere = RunQueue.NR_TASKS.readOnce(cpu, rq(machine.cpu(i)));
            if (tasksThere < least) {
                least = tasksThere;
                best = i;
            }
        }
        return best;
    }

    void taskLoop(int slot) {
        Cpu cpu = machine.bootCpu();
        // Ends with the machine: each round is one task that lived in this slot.
        while (true) {
            // Plain: the old CPU must not take a step for the task of the new one.
            cpu = machine.cpu(Task.CPU.get(cpu, tasks.at(slot)));
            finishSwitch(cpu);
            try {
                bodies[slot].run(cpu);
            } catch (kemu.hw.machine.MachineHalted halted) {
                throw halted;
            } catch (Throwable failure) {
                machine.fail(failure);
                throw failure;
            }
            die(cpu);
        }
    }

    void die(Cpu cpu) {
        long task = current(cpu);
        checkNotAtomic(cpu);
        if ((Task.FLAGS.get(cpu, task) & Task.PF_KTHREAD) == 0) {
            RunQueue.NR_TASKS.add(cpu, rq(cpu), -1);
        }
        // Not preemptible from here: a preempted task stays ready, and a dead one must not.
        Preempt.disable(cpu);
        // Returns, maybe on another CPU, when the slot's next task starts; taskLoop() finishes that switch.
        switchTasks(cpu, DIES);
    }

    /** get_task_struct: one more reference. */
    public void get(Cpu cpu, @Ref(Task.class) long task) {
        Task.USAGE.add(cpu, task, 1);
    }

    /** put_task_struct: drops a reference; the last one frees the slot. */
    public void put(Cpu cpu, @Ref(Task.class) long task) {
        if (Task.USAGE.addReturn(cpu, task, -1) == 0) {
            tasks.free(cpu, task);
        }
    }

    /**
     * Lets another task run. The caller has set its state: RUNNING keeps it ready, anything else puts it to sleep until
     * {@link #wakeUp}. Context: may sleep.
     *
     * @throws KernelBug if preemption or interrupts are disabled
     */
    public void schedule(Cpu cpu) {
        checkNotAtomic(cpu);
        Preempt.disable(cpu);
        switchTasks(cpu, YIELDS);
        finishSwitch(cpu);
    }

    /**
     * preempt_schedule: lets another task run, whatever state the caller has announced. It may have announced sleep
     * without having looked at its condition yet, so it stays ready.
     */
    private void preempt(Cpu cpu) {
        Preempt.disable(cpu);
        switchTasks(cpu, PREEMPTED);
        finishSwitch(cpu);
    }

    private void checkNotAtomic(Cpu cpu) {
        if (Preempt.count(cpu) != 0 || Preempt.irqsDisabled(cpu) || Task.inReader(cpu, current(cpu))) {
            throw new KernelBug(FailureKind.ATOMIC_CONTEXT, HangReport.schedulingWhileAtomic(cpu));
        }
    }

    /**
     * Picks and switches. Context: preemption disabled once by the caller, who then calls {@link #finishSwitch}.
     *
     * @param why {@link #YIELDS}, {@link #PREEMPTED} or {@link #DIES}
     */
    private void switchTasks(Cpu cpu, int why) {
        long area = cpu.area();
        Preempt.irqDisable(cpu);
        long rq = rq(cpu);
        long previous = current(cpu);
        beforeSwitchHook.handle(cpu);
        SpinLock.lock(cpu, RunQueue.LOCK.of(rq));
        cpu.fetchAnd32(Area.PENDING.of(area), ~Area.RESCHED, Order.RELAXED);
        contextSwitchHook.handle(cpu);
        long idle = Area.IDLE_TASK.get(cpu, area);
        if (why == DIES) {
            // Under the lock: whoever still wakes the task for its last sleep would call it back to life.
            Task.STATE.writeOnce(cpu, previous, Task.DEAD);
        }
        if (previous != idle) {
            if (why == PREEMPTED || Task.STATE.readOnce(cpu, previous) == Task.RUNNING) {
                RunQueue.enqueue(cpu, rq, previous);
            } else {
                Task.SLEEP_JIFFIES.writeOnce(cpu, previous, machine.jiffies(cpu));
            }
        }
        long next = RunQueue.dequeue(cpu, rq);
        if (next == Cpu.NULL) {
            next = idle;
        }
        Area.SCHED_JIFFIES.set(cpu, area, machine.jiffies(cpu));
        if (next != previous) {
            Area.CURRENT.writeOnce(cpu, area, next);
            Area.CURRENT_PID.writeOnce(cpu, area, Task.PID.get(cpu, next));
            RunQueue.PREVIOUS.set(cpu, rq, previous);
            RunQueue.SWITCHES.set(cpu, rq, RunQueue.SWITCHES.get(cpu, rq) + 1);
            cpu.tell(Event.TASK_SWITCHED, next, previous);
            cpu.switchTo(fibers[tasks.slot(next)]);
        }
    }

    /** finish_task_switch: runs on the task that was switched to, which inherits the locked run queue. */
    void finishSwitch(Cpu cpu) {
        long rq = rq(cpu);
        long previous = RunQueue.PREVIOUS.get(cpu, rq);
        RunQueue.PREVIOUS.set(cpu, rq, Cpu.NULL);
        SpinLock.unlock(cpu, RunQueue.LOCK.of(rq));
        if (previous != Cpu.NULL && Task.STATE.readOnce(cpu, previous) == Task.DEAD) {
            put(cpu, previous);
        }
        Preempt.irqEnable(cpu);
        Preempt.enableNoResched(cpu);
    }

    /**
     * set_current_state: announces that the caller is about to sleep. The full fence orders the announcement before the
     * caller's last look at what it waits for.
     */
    public static void setState(Cpu cpu, int state) {
        Task.STATE.writeOnce(cpu, current(cpu), state);
        cpu.smpMb(SLEEP_STATE);
    }

    /**
     * try_to_wake_up: makes {@code task} ready if it sleeps. The full fence orders the caller's stores before the look
     * at the task's state.
     *
     * @return true if this call woke it
     */
    public boolean wakeUp(Cpu cpu, @Ref(Task.class) long task) {
        cpu.smpMb(WAKE_CONDITION);
        int state = Task.STATE.readOnce(cpu, task);
        if (state == Task.RUNNING || state == Task.DEAD) {
            return false;
        }
        Preempt.irqDisable(cpu);
        Cpu target = machine.cpu(Task.CPU.get(cpu, task));
        long rq = rq(target);
        SpinLock.lock(cpu, RunQueue.LOCK.of(rq));
        state = Task.STATE.readOnce(cpu, task);
        boolean woken = state != Task.RUNNING && state != Task.DEAD;
        if (woken) {
            Task.STATE.writeOnce(cpu, task, Task.RUNNING);
            cpu.tell(Event.TASK_WOKEN, task, 0);
            // Still on its CPU, or preempted there: it will find itself running in schedule().
            if (Task.ON_RQ.get(cpu, task) == 0 && Area.CURRENT.readOnce(cpu, target.area()) != task) {
                RunQueue.enqueue(cpu, rq, task);
            }
        }
        SpinLock.unlock(cpu, RunQueue.LOCK.of(rq));
        if (woken) {
            kick(cpu, target);
        }
        Preempt.irqEnable(cpu);
        return woken;
    }

    private void kick(Cpu cpu, Cpu target) {
        if (target != cpu) {
            cpu.raise(target.id(), Area.RESCHED);
        } else if (current(cpu) == Area.IDLE_TASK.get(cpu, cpu.area())) {
            cpu.fetchOr32(Area.PENDING.of(cpu.area()), Area.RESCHED, Order.RELAXED);
        }
    }

    /** need_resched: another task wants this CPU. Any context. */
    public static boolean needResched(Cpu cpu) {
        cpu.poll();
        return (Area.PENDING.readOnce(cpu, cpu.area()) & Area.RESCHED) != 0;
    }

    /** cond_resched: gives way if another task wants the CPU. Context: may sleep. */
    public void condResched(Cpu cpu) {
        cpu.poll();
        if ((Area.PENDING.readOnce(cpu, cpu.area()) & Area.RESCHED) != 0 && Preempt.count(cpu) == 0) {
            schedule(cpu);
        }
    }

    /**
     * schedule_timeout: {@link #schedule}, but wakes after {@code jiffies} ticks at the latest. Returns at once if the
     * caller's state is RUNNING, which is how a wake-up before the call looks. Context: may sleep.
     */
    public void scheduleTimeout(Cpu cpu, long jiffies) {
        long task = current(cpu);
        Timers.add(cpu, rq(cpu), task, machine.jiffies(cpu) + Math.max(1, jiffies));
        schedule(cpu);
        Timers.cancel(cpu, rq(cpu), task);
    }

    /** Sleeps for {@code jiffies} ticks whatever happens meanwhile. Context: may sleep. */
    public void sleep(Cpu cpu, long jiffies) {
        long until = machine.jiffies(cpu) + Math.max(1, jiffies);
        // Ends: time passes.
        for (long left = jiffies; left > 0; left = until - machine.jiffies(cpu)) {
            setState(cpu, Task.INTERRUPTIBLE);
            scheduleTimeout(cpu, left);
        }
    }

    /** Marks what this CPU does from now on ({@link Mode}), for accounting and for handlers. */
    public static void setMode(Cpu cpu, int mode) {
        Area.MODE.set(cpu, cpu.area(), mode);
        cpu.mode(mode);
        cpu.tell(Event.MODE_SET, mode, 0);
    }

    /** Context switches of CPU {@code id} so far. */
    public long switches(Cpu cpu, int id) {
        return RunQueue.SWITCHES.get(cpu, rq(machine.cpu(id)));
    }

    /** The run queue of {@code cpu}. */
    @Ref(RunQueue.class)
    long rq(Cpu cpu) {
        return cpu.area() + rqOffset;
    }
}
