package kemu.check.story;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import kemu.hw.explore.Exploration;
import kemu.hw.explore.Explorer;
import kemu.hw.explore.Outcome;
import kemu.hw.explore.Result;
import kemu.hw.explore.Schedule;
import kemu.hw.explore.Trail;
import kemu.hw.machine.EmuMachine;
import kemu.mm.Kernel;

/** A schedule followed once more, every step taken down: which CPU did what, in which function, to which word. */
public final class Story {
    /** An access of a CPU before its first step. */
    record First(int cpu, Access access) {}

    private final List<First> first;
    private final List<Step> steps;
    private final List<LockEvent> locks;
    private final List<ObjectEvent> objects;
    private final List<ToldEvents.Told> told;
    private final List<Integer> pids;
    private final int cpus;
    private final String failure;
    private final Outcome outcome;
    private Cause cause;

    private Story(Teller teller, int cpus, String failure, Outcome outcome) {
        first = List.copyOf(teller.first());
        steps = List.copyOf(teller.steps());
        locks = List.copyOf(teller.locks());
        objects = List.copyOf(teller.objects());
        told = teller.told().all();
        pids = List.copyOf(teller.pids());
        this.cpus = cpus;
        this.failure = failure;
        this.outcome = outcome;
    }

    /**
     * Follows {@code schedule}, and finds out why it fails by executions that are like it; memory is put back.
     *
     * @param ended what it ends with
     * @param same whether two results are the same kind of failure
     */
    public static Story of(
            Kernel kernel, Explorer explorer, Schedule schedule, Result ended, BiPredicate<Result, Result> same) {
        EmuMachine machine = (EmuMachine) kernel.machine();
        Teller teller = new Teller(machine, new LockNames(kernel), schedule.trail());
        explorer.exploration().makePollsSteps(schedule.pollsAreSteps());
        machine.record(teller);
        Outcome outcome = explorer.exploration().execute(teller);
        teller.end();
        explorer.exploration().rewind();
        machine.record(null);
        String failure = ended.failure() == null
                ? ""
                : String.valueOf(ended.failure().getMessage()).stripTrailing();
        Story story = new Story(teller, machine.cpus(), failure, outcome);
        story.cause = Cause.of(story, new Trials(explorer, schedule, ended, same));
        return story;
    }

    /** Follows {@code trail}, in which nothing fails, on a machine that need not have a memory manager; rewinds. */
    public static Story of(EmuMachine machine, Exploration exploration, Trail trail) {
        Teller teller = new Teller(machine, null, trail);
        machine.record(teller);
        Outcome outcome = exploration.execute(teller);
        teller.end();
        exploration.rewind();
        machine.record(null);
        Story story = new Story(teller, machine.cpus(), "", outcome);
        story.cause = new Cause(Cause.Why.NOTHING, List.of(), "nothing failed", true, List.of());
        return story;
    }

    /** As people read values: small ones in decimal. */
    static String value(long value) {
        return value >= 0 && value < 10 ? Long.toString(value) : value == -1 ? "-1" : "0x" + Long.toHexString(value);
    }

    /** The steps in their order. */
    public List<Step> steps() {
        return steps;
    }

    /** What the CPUs do before their first steps: plain accesses. */
    List<First> first() {
        return first;
    }

    /** What locks have said, in order. */
    List<LockEvent> locks() {
        return locks;
    }

    /** Lives of slab objects that ended or began, in order. */
    List<ObjectEvent> objects() {
        return objects;
    }

    /** What RCU, the scheduler and interrupts have said, in order. */
    List<ToldEvents.Told> events() {
        return told;
    }

    /** The number of the task of {@code step}. */
    int pidOf(Step step) {
        return pids.get(step.number() - 1);
    }

    /** Why it fails, in a sentence or two; says so if that is not known. */
    public String cause() {
        return cause.text();
    }

    /** The same, typed. */
    Cause told() {
        return cause;
    }

    /** True if executions that differ in the cause alone were tried, and did not fail. */
    public boolean isProved() {
        return cause.proved();
    }

    /** CPUs of the machine. */
    public int cpus() {
        return cpus;
    }

    /** What the kernel or an oracle said in the end; may have several lines. */
    public String failure() {
        return failure;
    }

    /** How the execution told has ended, before the scenario's own end. */
    public Outcome outcome() {
        return outcome;
    }

    /** The last step before {@code number} of CPU {@code cpu}, or null. */
    Step lastOf(int cpu, int number) {
        for (int i = Math.min(number - 1, steps.size()) - 1; i >= 0; i--) {
            if (steps.get(i).cpu() == cpu) {
                return steps.get(i);
            }
        }
        return null;
    }

    /** True if stores went through store buffers. */
    boolean buffered() {
        for (Step step : steps) {
            if (!step.buffered().isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /**
     * What more than one CPU is concerned with: words that several touch and at least one changes, waits, what the
     * cause speaks of, and, on the CPU that fails, all it does to the object it fails about.
     */
    boolean[] worthTelling() {
        Map<Long, Long> touchedBy = new HashMap<>();
        Map<Long, Boolean> changed = new HashMap<>();
        for (Step step : steps) {
            touchedBy.merge(step.word(), 1L << step.cpu(), (a, b) -> a | b);
            changed.merge(step.word(), step.writes(), (a, b) -> a || b);
        }
        Set<Integer> evidence = new HashSet<>(cause.evidence());
        Step last = steps.isEmpty() ? null : steps.get(steps.size() - 1);
        boolean[] told = new boolean[steps.size()];
        for (int i = 0; i < told.length; i++) {
            Step step = steps.get(i);
            boolean shared = step.address() != 0 && Long.bitCount(touchedBy.get(step.word())) > 1;
            told[i] = shared && changed.get(step.word())
                    || step.waits()
                    || step.main().isOld()
                    || evidence.contains(step.number())
                    || decides(step, last);
        }
        return told;
    }

    private boolean decides(Step step, Step last) {
        return step == last
                || step.cpu() == last.cpu()
                        && step.main().isIn(last.main().word().object());
    }
}
