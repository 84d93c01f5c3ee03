package kemu.check;

import java.util.function.Consumer;
import java.util.function.LongSupplier;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.mem.KernelBug;
import kemu.hw.mem.KernelOops;
import kemu.hw.sched.Dpor;
import kemu.hw.sched.Explorer;
import kemu.hw.sched.Pct;
import kemu.hw.sched.Pos;
import kemu.hw.sched.RandomWalk;
import kemu.hw.sched.Result;
import kemu.hw.sched.Schedule;
import kemu.hw.sched.Scheduler;
import kemu.hw.sched.Shrinker;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;

/** One scenario on one machine with one strategy: boots, builds the scene, and explores. */
public final class Check implements AutoCloseable {
    private static final long MEMORY = 2L << 20;
    private static final int TASKS = 16;
    private static final int PCT_DEPTH = 4;
    private static final int SHRINK_TRIES = 5_000;

    /**
     * What is checked.
     *
     * @param scenario name of the scenario
     * @param anonVma anon_vma strategy
     * @param spinLock spinlock algorithm
     * @param model memory model
     */
    public record Subject(String scenario, String anonVma, String spinLock, MemoryModel model) {
        /** As stored in a schedule. */
        public String options() {
            return "anon-vma=" + anonVma + " spinlock=" + spinLock + " model="
                    + model.name().toLowerCase(java.util.Locale.ROOT);
        }

        /** The subject of a stored schedule. @throws IllegalArgumentException if it names something unknown */
        public static Subject of(Schedule schedule) {
            String anonVma = null;
            String spinLock = null;
            MemoryModel model = null;
            for (String option : schedule.options().split(" ")) {
                String value = option.substring(option.indexOf('=') + 1);
                switch (option.substring(0, Math.max(0, option.indexOf('=')))) {
                    case "anon-vma" -> anonVma = value;
                    case "spinlock" -> spinLock = value;
                    case "model" -> model = MemoryModel.valueOf(value.toUpperCase(java.util.Locale.ROOT));
                    default -> throw new IllegalArgumentException("unknown option " + option);
                }
            }
            if (anonVma == null || spinLock == null || model == null) {
                throw new IllegalArgumentException("options are incomplete: " + schedule.options());
            }
            return new Subject(schedule.scenario(), anonVma, spinLock, model);
        }
    }

    private final Subject subject;
    private final EmuMachine machine;
    private final Explorer explorer;

    /** Boots the machine of {@code subject} and builds its scene. */
    public Check(Subject subject) {
        this.subject = subject;
        Scenario scenario = Scenarios.byName(subject.scenario());
        if (scenario == null) {
            throw new IllegalArgumentException("scenario: " + subject.scenario());
        }
        machine = new EmuMachine(
                new MachineConfig(MEMORY, scenario.cpus(), 1, true, subject.spinLock(), TASKS, subject.model()));
        Kernel kernel = new Kernel(machine, new KernelConfig(subject.anonVma(), 0).withBackground(false));
        Consumer<Cpu> finalCheck = scenario.build(kernel);
        explorer = new Explorer(machine, cpu -> finish(cpu, finalCheck));
    }

    /** The scenario's own end, alone on the machine: if it waits, it waits for what the race left behind. */
    private void finish(Cpu cpu, Consumer<Cpu> finalCheck) {
        try {
            finalCheck.accept(cpu);
        } catch (KernelOops oops) {
            throw oops;
        } catch (KernelBug bug) {
            throw new KernelBug(bug.getMessage() + "\n" + machine.sched().describeHang(cpu));
        }
    }

    /** Names of the searches. */
    public static java.util.List<String> searches() {
        return java.util.List.of("exhaustive", "random", "pct", "pos");
    }

    private static Scheduler scheduler(String search, long seed) {
        return switch (search) {
            case "exhaustive" -> new Dpor();
            case "random" -> new RandomWalk(seed);
            case "pct" -> new Pct(seed, PCT_DEPTH);
            case "pos" -> new Pos(seed);
            default -> throw new IllegalArgumentException("search: " + search);
        };
    }

    /** Explores until something fails, all is covered, or the budget is spent. */
    public Result explore(String search, long seed, long maxExecutions, LongSupplier nanosLeft) {
        return explorer.explore(scheduler(search, seed), maxExecutions, nanosLeft);
    }

    /** The failure of {@code found} in as few context switches as can be found. */
    public Result shrink(Result found) {
        return new Shrinker(explorer).shrink(found, SHRINK_TRIES);
    }

    /** Context switches of the failure {@code found}. */
    public int switches(Result found) {
        return Shrinker.switches(found.trail(), explorer.exploration().lanes());
    }

    /** What is needed to replay the failure {@code found}. */
    public Schedule schedule(Result found, long seed) {
        return Schedule.of(subject.scenario(), subject.options(), seed, explorer.exploration(), found);
    }

    /** Why {@code schedule} cannot be replayed here: one line, or null. */
    public String misfit(Schedule schedule) {
        return schedule.misfit(explorer.exploration());
    }

    /** Takes one execution along {@code schedule}. */
    public Result replay(Schedule schedule) {
        return explorer.replay(schedule.trail(), schedule.pollsAreSteps());
    }

    /** The steps of {@code schedule}, told. */
    public Interleaving narrate(Schedule schedule) {
        return Interleaving.of(machine, explorer, schedule);
    }

    @Override
    public void close() {
        machine.close();
    }
}
