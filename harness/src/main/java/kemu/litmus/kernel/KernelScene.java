package kemu.litmus.kernel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import kemu.check.order.BarrierTable;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.explore.Dice;
import kemu.hw.machine.Area;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.order.Barriers;
import kemu.kernel.context.Task;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Sched;
import kemu.litmus.ast.Item;
import kemu.litmus.ast.LitmusException;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.dialect.Engine;
import kemu.litmus.ir.Operation;
import kemu.litmus.ir.Routine;
import kemu.litmus.lower.Lowering;
import kemu.litmus.path.SharedMemory;
import kemu.rcu.Rcu;
import kemu.rcu.RcuOptions;
import kemu.rcu.flavors.RcuFlavors;

/**
 * The machine on which a test is executed: a CPU for every process and, if the test waits for grace periods, CPU 0 with
 * the grace-period thread and a task that plays the clock. Then every process comes from idle in some executions, and
 * ends in others by idling or by being a task that ticks interrupt.
 */
final class KernelScene implements AutoCloseable {
    private static final long MEMORY = 2L << 20;
    private static final int TASKS = 32;
    private static final int MOST_CPUS = 9;
    /** Small nodes, so that three CPUs make a tree. */
    private static final int FANOUT = 2;

    private static final int DAEMON = Task.PF_KTHREAD | Task.PF_DAEMON;
    /** The flavour whose readers cannot be preempted. */
    private static final String UNPREEMPTED = "sched";

    private static final int SELDOM = 4;
    private static final int MOST_JIFFIES = 3;

    private final EmuMachine machine;
    private final Words words;
    /** Per process, where its named local variables are. */
    private final List<Map<String, Integer>> slots = new ArrayList<>();

    private final Local[] locals;
    private final List<Item> items;
    private final SharedMemory scene;
    private final boolean clock;
    private final long never;
    private final Dice dice = new Dice();
    private boolean lingering;
    private boolean cutOff;
    private int ended;

    /** Compiles {@code test} and boots a machine for it. */
    KernelScene(
            LitmusTest test,
            SharedMemory scene,
            List<Item> items,
            KernelEngine.Options options,
            Function<Rcu, RcuUse> use) {
        this.scene = scene;
        this.items = items;
        words = new Words(scene);
        Needs needs = new Needs();
        int processes = test.processes().size();
        Code[] bodies = new Code[processes];
        int[] registers = new int[processes];
        for (int i = 0; i < processes; i++) {
            Routine routine = Lowering.of(test.processes().get(i), Engine.KERNEL);
            bodies[i] = new Compiler(routine, scene, words, needs, options.told()).compile();
            slots.add(new HashMap<>(routine.named()));
            registers[i] = routine.registers();
        }
        clock = needs.needsGracePeriods();
        int first = clock ? 1 : 0;
        if (first + processes > MOST_CPUS) {
            throw new LitmusException(0, "unsupported by the kernel engine: " + processes + " processes");
        }
        long memory = MEMORY + (words.sizeBytes() + MEMORY - 1) / MEMORY * MEMORY;
        machine = KernelCore.bootEmulated(
                new MachineConfig(memory, first + processes, 1, true, options.spinLock(), TASKS, options.model()));
        machine.watchdog().softLockup(0).hardLockup(0).hungTask(0).hang(0);
        if (needs.needsRcu()) {
            RcuOptions small = RcuOptions.defaults().withFlavor(options.rcu()).withFanout(FANOUT, FANOUT);
            Rcu rcu = RcuFlavors.boot(machine, small.withBackground(clock));
            needs.booted(rcu, use.apply(rcu));
        }
        never = machine.bootAllocator().allocate(machine.bootCpu(), 8, 64, "never");
        words.place(machine);
        locals = new Local[processes];
        for (int i = 0; i < processes; i++) {
            EmuCpu cpu = machine.cpu(first + i);
            locals[i] = new Local(
                    cpu,
                    initial(test, i, registers[i]),
                    clock ? this::interrupts : null,
                    this::giveUp,
                    options.turns());
            spawn(i, cpu, bodies[i]);
            if (clock && !options.rcu().equals(UNPREEMPTED)) {
                Sched.of(machine).spawn(machine.bootCpu(), this::rival, cpu.id(), "rival", DAEMON);
            }
        }
        if (clock) {
            Sched.of(machine).spawn(machine.bootCpu(), this::tick, 0, "clock", DAEMON);
        }
        weaken(options.weakened());
    }

    private void weaken(List<String> barriers) {
        if (!barriers.isEmpty()) {
            BarrierTable.load();
        }
        for (String name : barriers) {
            int id = Barriers.names().indexOf(name);
            if (id < 0) {
                throw new IllegalArgumentException("no barrier " + name);
            }
            machine.weaken(id);
        }
    }

    /** Values of the local variables at the start; those that no operation names come last. */
    private long[] initial(LitmusTest test, int process, int registers) {
        Map<String, Integer> named = slots.get(process);
        Map<String, Long> given = new HashMap<>();
        test.processes().get(process).parameters().forEach(name -> given.put(name, scene.address(name)));
        for (LitmusTest.Register one : test.registers()) {
            if (one.register().process() == process) {
                given.put(one.register().name(), one.value() == null ? 0 : scene.value(one.value()));
            }
        }
        int unnamed = registers - named.size();
        given.keySet().forEach(name -> named.computeIfAbsent(name, n -> unnamed + named.size()));
        long[] values = new long[unnamed + named.size()];
        given.forEach((name, value) -> values[named.get(name)] = value);
        return values;
    }

    private void spawn(int process, EmuCpu on, Code body) {
        Local local = locals[process];
        Sched.of(machine)
                .spawn(machine.bootCpu(), cpu -> run(cpu, local, body), on.id(), "P" + process, Task.PF_KTHREAD);
    }

    private void run(Cpu cpu, Local local, Code body) {
        if (clock && dice.below(SELDOM) == 0) {
            Sched.of(machine).sleep(cpu, 1);
        }
        boolean idles = dice.below(2) == 0;
        body.run(local);
        ended++;
        if (clock) {
            waitForEver(cpu, idles);
        }
    }

    /** Between two instructions an interrupt may come, and in some executions it takes long. */
    private void interrupts(Cpu cpu) {
        cpu.poll();
        if (lingering && dice.below(SELDOM) == 0) {
            linger(cpu);
        }
    }

    private void linger(Cpu cpu) {
        long until = machine.jiffies(cpu) + 1 + dice.below(MOST_JIFFIES);
        // Ends: the clock ticks.
        while (machine.jiffies(cpu) < until) {
            cpu.relax();
        }
    }

    /** Another task of a process's CPU: it preempts the process, and may keep the CPU for long. */
    private void rival(Cpu cpu) {
        // Ends with the execution.
        while (true) {
            if (lingering) {
                linger(cpu);
            }
            Sched.of(machine).sleep(cpu, 1 + dice.below(MOST_JIFFIES));
        }
    }

    /** The process goes no further; the others do, for what they still write decides whether it had to. */
    private void giveUp(Cpu cpu) {
        cutOff = true;
        if (clock) {
            throw new Local.CutOff();
        }
        waitForEver(cpu, false);
    }

    /** True if a loop of the last execution took too many turns. */
    boolean cutOff() {
        return cutOff;
    }

    /** The CPU goes on serving ticks, or idles, as grace periods demand; the walk ends the execution. */
    private void waitForEver(Cpu cpu, boolean idling) {
        // Ends with the execution.
        while (true) {
            if (idling) {
                Sched.setState(cpu, Task.UNINTERRUPTIBLE);
                Sched.of(machine).schedule(cpu);
            } else {
                cpu.condLoadNe64(never, -1, 0, 0);
            }
        }
    }

    /** The clock; when the grace-period thread is ready it gives way. */
    private void tick(Cpu cpu) {
        // Ends with the execution.
        while (true) {
            cpu.relax();
            if (!clockIsAsked()) {
                machine.tickFrom(cpu);
            }
            cpu.poll();
        }
    }

    /** True if CPU 0 is asked for something else than to tick. */
    boolean clockIsAsked() {
        EmuCpu cpu = machine.cpu(0);
        return cpu.peek32(Area.PENDING.of(cpu.area())) != 0;
    }

    /** True if the test waits for grace periods, so that time has to pass. */
    boolean hasClock() {
        return clock;
    }

    /** Where the locations are. */
    Words words() {
        return words;
    }

    /** What the process on {@code cpu} is executing, where that is told. */
    Operation operation(int cpu) {
        int process = clock ? cpu - 1 : cpu;
        return process < 0 ? null : locals[process].operation;
    }

    /** Number of processes. */
    int processes() {
        return locals.length;
    }

    /** What every location holds for everybody, while an execution is going on. */
    long[] memory() {
        long[] values = new long[scene.size()];
        machine.cpu(0).aside(() -> {
            for (int i = 0; i < values.length; i++) {
                values[i] = words.last(machine, i);
            }
        });
        return values;
    }

    EmuMachine machine() {
        return machine;
    }

    /** Before every execution. */
    void begin(long seed, long execution) {
        dice.reset(~seed, execution);
        lingering = dice.below(2) == 0;
        ended = 0;
        cutOff = false;
        for (Local local : locals) {
            local.reset();
        }
    }

    /** True if all processes have ended. */
    boolean over() {
        return ended == locals.length;
    }

    /** Fills in the final state of an execution whose stores are all in memory. */
    void state(long[] values) {
        for (int i = 0; i < values.length; i++) {
            Item item = items.get(i);
            if (item instanceof Item.Reg reg) {
                Integer slot = slots.get(reg.process()).get(reg.name());
                values[i] = slot == null ? 0 : locals[reg.process()].registers[slot];
            } else {
                values[i] = words.last(machine, scene.index((Item.Loc) item));
            }
        }
    }

    @Override
    public void close() {
        machine.close();
    }
}
