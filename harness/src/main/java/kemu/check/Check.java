package kemu.check;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import kemu.check.order.BarrierTable;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.check.story.Story;
import kemu.host.HostLimits;
import kemu.host.Stop;
import kemu.hw.cache.LineDirectory;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.explore.Bounded;
import kemu.hw.explore.Dpor;
import kemu.hw.explore.Explorer;
import kemu.hw.explore.Pct;
import kemu.hw.explore.Pos;
import kemu.hw.explore.RandomWalk;
import kemu.hw.explore.Result;
import kemu.hw.explore.Schedule;
import kemu.hw.explore.Scheduler;
import kemu.hw.explore.Shrinker;
import kemu.hw.explore.graph.ReadsFrom;
import kemu.hw.explore.graph.ReadsFromOrWalk;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.mem.KernelBug;
import kemu.hw.mem.KernelOops;
import kemu.hw.order.Barriers;
import kemu.kernel.task.KernelCore;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;

/** One scenario on one machine with one strategy: boots, builds the scene, and explores. */
public final class Check implements AutoCloseable {
    private static final int TASKS = 16;
    private static final int PCT_DEPTH = 4;
    /** Bound of an exhaustive search on models that reorder stores, unless another is given. */
    public static final int WEAK_DEVIATIONS = 2;

    /** The search by who reads from whom. */
    public static final String READS_FROM = "reads-from";

    /** The same, and a random walk where that gives up or takes long. */
    public static final String READS_FROM_OR_RANDOM = "reads-from-random";

    private static final int SHRINK_TRIES = 5_000;
    /** Executions in which the search goes on after a note of an oracle, to see what the fault leads to. */
    private static final int MORE_EXECUTIONS = 1_000;

    private final Subject subject;
    private final EmuMachine machine;
    private final Kernel kernel;
    private final Oracles oracles;
    private final Explorer explorer;
    private LineDirectory caches;
    private Supplier<String> trouble = () -> null;
    /** The last execution failed by nothing but what an oracle had noted. */
    private boolean finding;
    /** True while notes of oracles fail no execution. */
    private boolean lenient;

    /** Boots the machine of {@code subject} and builds its scene. */
    public Check(Subject subject) {
        this(subject, Scenarios.byName(subject.scenario()));
    }

    /** The same with a scenario that need not be listed. @throws SceneBroken if its scene cannot be built */
    public Check(Subject subject, Scenario scenario) {
        this(subject, scenario, scenario == null ? null : Oracles.of(scenario, subject.variant()));
    }

    /** The same, watched by {@code oracles}. */
    Check(Subject subject, Scenario scenario, Oracles oracles) {
        this.subject = subject;
        this.oracles = oracles;
        if (scenario == null) {
            throw new IllegalArgumentException("scenario: " + subject.scenario());
        }
        if (!scenario.variants().contains(subject.variant())) {
            throw new IllegalArgumentException("variant: " + subject.variant() + " (allowed of " + scenario.name()
                    + ": " + String.join(", ", scenario.variants()) + ")");
        }
        machine = KernelCore.bootEmulated(new MachineConfig(
                scenario.memory(),
                scenario.cpus(),
                1,
                scenario.preemptible(),
                subject.spinLock(),
                TASKS,
                subject.model()));
        if (subject.everyStore()) {
            machine.seeEveryStore();
        }
        try {
            kernel = new Kernel(machine, config(scenario).withBackground(false));
            weaken();
            oracles.attach(machine, kernel);
            Consumer<Cpu> finalCheck = scenario.build(kernel, subject.variant());
            oracles.sceneBuilt();
            explorer = new Explorer(machine, cpu -> finish(cpu, finalCheck), scenario.mostSteps());
        } catch (RuntimeException | Error failed) {
            machine.close();
            throw failed;
        }
        explorer.exploration().onBegin(oracles::begin);
    }

    private KernelConfig config(Scenario scenario) {
        KernelConfig config = scenario.configure(subject.variant());
        return subject.slabReuse().isEmpty() ? config : config.withSlabReuse(subject.slabReuse());
    }

    /** Switches barriers off by name; a barrier has a name once the classes that hold it are loaded. */
    private void weaken() {
        BarrierTable.load();
        for (String name : subject.weakened()) {
            int id = Barriers.names().indexOf(name);
            if (id <= 0) {
                throw new IllegalArgumentException("barrier: " + name);
            }
            machine.weaken(id);
        }
    }

    /**
     * Runs the scenario's own final condition after its tasks, with nobody else on the machine: if it has to wait, it
     * waits for a lock that the race left locked, and hangs.
     */
    private void finish(Cpu cpu, Consumer<Cpu> finalCheck) {
        finding = false;
        try {
            oracles.ended(cpu, explorer.exploration().stateHash());
            machine.watchBoot(true);
            finalCheck.accept(cpu);
            machine.watchBoot(false);
            finding = true;
            if (!lenient) {
                oracles.finished(cpu, explorer.exploration().stateHash());
            }
            finding = false;
        } catch (KernelOops oops) {
            throw oops;
        } catch (KernelBug bug) {
            machine.watchBoot(false);
            throw bug.saying(bug.getMessage() + "\n" + machine.software().describeHang(cpu));
        } finally {
            machine.watchBoot(false);
        }
    }

    /** What oracles noted in the last execution; one line each. */
    public List<String> notes() {
        return oracles.notes();
    }

    /** Why the last search gave up, in words; null if it did not, or does not say. */
    public String trouble() {
        return trouble.get();
    }

    /** What {@code result} of this check says, and what it does not say. */
    public Judgement judge(Result result) {
        Judgement found = Judgement.of(subject, result);
        boolean unexplored = kernel.pageTable().tlb() == null && oracles.dependsOnTlb();
        return unexplored && !found.convicts() ? found.withNotExplored("TLB") : found;
    }

    /** Names of the searches. */
    public static List<String> searches() {
        return List.of("exhaustive", READS_FROM, READS_FROM_OR_RANDOM, "random", "pct", "pos");
    }

    /** True if the subjects of {@code search} have {@link Subject#everyStore}. */
    public static boolean seesEveryStore(String search) {
        return search.equals(READS_FROM) || search.equals(READS_FROM_OR_RANDOM);
    }

    /** True if {@link ReadsFrom} knows the executions of {@code model}: its axioms are those of these two. */
    public static boolean readsFrom(MemoryModel model) {
        return model.equals(MemoryModel.WEAK) || model.equals(MemoryModel.ALPHA);
    }

    private Scheduler scheduler(String search, long seed) {
        return switch (search) {
            case "exhaustive" -> subject.model().coverable() ? new Dpor() : new Bounded(WEAK_DEVIATIONS);
            case READS_FROM, READS_FROM_OR_RANDOM -> readsFrom(search, seed);
            case "random" -> new RandomWalk(seed);
            case "pct" -> new Pct(seed, PCT_DEPTH);
            case "pos" -> new Pos(seed);
            default -> throw new IllegalArgumentException("search: " + search);
        };
    }

    private Scheduler readsFrom(String search, long seed) {
        if (!subject.everyStore() || !readsFrom(subject.model())) {
            throw new IllegalArgumentException(search + " of " + subject.options());
        }
        if (search.equals(READS_FROM)) {
            ReadsFrom readsFrom = new ReadsFrom(machine, explorer.exploration());
            trouble = readsFrom::trouble;
            return readsFrom;
        }
        ReadsFromOrWalk both = new ReadsFromOrWalk(machine, explorer.exploration(), seed);
        trouble = both::trouble;
        return both;
    }

    /**
     * Explores until something fails, all is covered, or the budget is spent. An exhaustive search on a model that
     * reorders stores is one within {@link #WEAK_DEVIATIONS} deviations.
     */
    public Result explore(String search, long seed, long maxExecutions, LongSupplier nanosLeft) {
        finding = false;
        Result first = noHostError(explorer.explore(scheduler(search, seed), maxExecutions, nanosLeft));
        if (first.verdict() != Result.Verdict.FAIL || !finding) {
            return first;
        }
        // A hang tells more than the note that came before it: the search goes on for a while to find one.
        lenient = true;
        long more = Math.min(maxExecutions, 2 * first.executions() + MORE_EXECUTIONS);
        Result worse = explorer.explore(scheduler(search, seed), more, nanosLeft);
        lenient = false;
        boolean convicts = worse.verdict() == Result.Verdict.FAIL
                && Judgement.of(subject, worse).convicts();
        return convicts ? worse : first;
    }

    /** Explores everything within {@code preemptions} deviations ({@link Bounded}). */
    public Result exploreWithin(int preemptions, long maxExecutions, LongSupplier nanosLeft) {
        return noHostError(explorer.explore(new Bounded(preemptions), maxExecutions, nanosLeft));
    }

    /** An execution that the host could not go on with is no failure of the kernel. */
    private static Result noHostError(Result result) {
        Error error = HostLimits.in(result.failure());
        if (error != null) {
            throw error;
        }
        return result;
    }

    /** The failure of {@code found} in as few context switches as can be found before the process is told to end. */
    public Result shrink(Result found) {
        return new Shrinker(explorer, Check::sameFault).shrink(found, SHRINK_TRIES, Stop::requested);
    }

    /** Compares first lines only: executions come to the same fault on different ways, which the rest describes. */
    private static boolean sameFault(Result one, Result other) {
        return one.outcome() == other.outcome() && headOf(one).equals(headOf(other));
    }

    private static String headOf(Result failed) {
        return String.valueOf(failed.failure().getMessage()).lines().findFirst().orElse("");
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

    /** As {@link #replay(Schedule)}; reports say where things were done before. {@link #notes} tells of it. */
    public Result explain(Schedule schedule) {
        oracles.keepStacks(true);
        Result explained = replay(schedule);
        oracles.keepStacks(false);
        return explained;
    }

    /** Takes one execution along {@code schedule}; {@code atEnd} looks at the machine as it has left it. */
    public Result replay(Schedule schedule, Runnable atEnd) {
        return explorer.replay(schedule.trail(), schedule.pollsAreSteps(), atEnd);
    }

    /** From now on counts what accesses cost the caches, of a model that has some; before anything is explored. */
    public void countCaches() {
        caches = machine.countCaches();
        explorer.exploration().onBegin(caches::clear);
    }

    /** What was counted so far; null unless {@link #countCaches} was called. */
    public CacheCounts cacheCounts() {
        return caches == null ? null : CacheCounts.of(machine, caches);
    }

    /** How far the search is; for those whose clock it asks, on its thread. */
    public Explorer.SoFar soFar() {
        return explorer.soFar();
    }

    /** What is checked. */
    public Subject subject() {
        return subject;
    }

    /** A hash of memory as executions begin. */
    public long sceneHash() {
        return explorer.exploration().sceneHash();
    }

    /** The machine. */
    public EmuMachine machine() {
        return machine;
    }

    /** The kernel on it. */
    public Kernel kernel() {
        return kernel;
    }

    /** The steps of {@code schedule}, told, and what it ended with. */
    public Story narrate(Schedule schedule, Result ended) {
        return Story.of(kernel, explorer, schedule, ended, Check::sameKind);
    }

    private static boolean sameKind(Result one, Result other) {
        return one.kind() == other.kind();
    }

    @Override
    public void close() {
        machine.close();
    }
}
