package kemu.check;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Pending;
import kemu.hw.machine.EmuMachine;
import kemu.hw.sched.Explorer;
import kemu.hw.sched.Lanes;
import kemu.hw.sched.Outcome;
import kemu.hw.sched.Schedule;
import kemu.hw.sched.Scheduler;
import kemu.hw.sched.Trail;

/** A schedule told step by step: which CPU did what, in which kernel function, to which object. */
public final class Interleaving {
    private static final int WIDTH = 58;

    private record Step(int number, int cpu, String function, String what, long address, boolean waits) {
        long word() {
            return address & -8L;
        }
    }

    private final List<Step> steps = new ArrayList<>();
    private final Map<Long, String> names = new HashMap<>();
    private final int cpus;

    private Interleaving(int cpus) {
        this.cpus = cpus;
    }

    /** Follows {@code schedule} once more and takes down every step. */
    static Interleaving of(EmuMachine machine, Explorer explorer, Schedule schedule) {
        Interleaving told = new Interleaving(machine.cpus());
        explorer.exploration().makePollsSteps(schedule.pollsAreSteps());
        Outcome outcome = explorer.exploration().execute(told.new Teller(machine, schedule.trail()));
        if (outcome != schedule.outcome()) {
            throw new IllegalStateException("the replay to tell of diverged at step " + told.steps.size() + ": "
                    + outcome + " " + explorer.exploration().failure());
        }
        explorer.exploration().rewind();
        // Not before: to name an object its kernel state is read, and that would disturb the execution being told.
        for (Step step : told.steps) {
            told.names.computeIfAbsent(step.address, machine.memory().symbols()::nameOf);
        }
        return told;
    }

    /** Follows the trail one step at a time, looking at each CPU before it moves. */
    private final class Teller implements Scheduler {
        private final EmuMachine machine;
        private final Trail trail;
        private final String[] functions;
        private int run;
        private int used;
        private int number;

        Teller(EmuMachine machine, Trail trail) {
            this.machine = machine;
            this.trail = trail;
            this.functions = new String[machine.cpus()];
        }

        @Override
        public String describe() {
            return "replay, told";
        }

        @Override
        public boolean begin(long execution) {
            return execution == 0;
        }

        @Override
        public int choose(Lanes lanes, int last) {
            if (run == trail.runs()) {
                return PRUNE;
            }
            int lane = trail.lane(run);
            if ((lanes.enabled() & 1L << lane) == 0) {
                return PRUNE;
            }
            if (++used == trail.count(run)) {
                run++;
                used = 0;
            }
            number++;
            note(lanes, lane, last);
            return lane;
        }

        private void note(Lanes lanes, int lane, int last) {
            // A CPU asks on its own fiber before each access: what is on the stack now is what it is about to do,
            // whether
            // it goes on or another CPU does. Suspended fibers cannot be looked into reliably.
            String function = function(new Throwable().getStackTrace());
            if (last >= 0 && lanes.isStep(last) && !function.isEmpty()) {
                functions[lanes.cpuOf(last)] = function;
            }
            EmuCpu cpu = machine.cpu(lanes.cpuOf(lane));
            if (!lanes.isStep(lane)) {
                String what = lanes.isDrain(lane) ? "store becomes visible:" : "invalidation arrives:";
                steps.add(new Step(number, cpu.id(), "", what, lanes.address(lane), false));
                return;
            }
            int kind = lanes.kind(lane);
            steps.add(new Step(
                    number,
                    cpu.id(),
                    functions[cpu.id()] == null ? "" : functions[cpu.id()],
                    Pending.name(kind),
                    kind == Pending.FENCE ? 0 : lanes.address(lane),
                    kind == Pending.WAIT));
        }
    }

    /** The innermost kernel function of a stack, below accessors and the ways into a lock. */
    private static String function(StackTraceElement[] stack) {
        for (StackTraceElement frame : stack) {
            String name = frame.getClassName();
            boolean plumbing = !name.startsWith("kemu.")
                    || name.startsWith("kemu.check.")
                    || name.startsWith("kemu.cli.")
                    || name.startsWith("kemu.hw.machine.")
                    || name.startsWith("kemu.hw.cpu.")
                    || name.startsWith("kemu.hw.layout.")
                    || name.startsWith("kemu.hw.cache.")
                    || name.startsWith("kemu.hw.sched.");
            if (!plumbing) {
                return name.substring(name.lastIndexOf('.') + 1) + "." + frame.getMethodName();
            }
        }
        return "";
    }

    /**
     * Prints one column per CPU: the accesses to words that more than one CPU touches, and the waits. What lies between
     * concerns one CPU only and is counted.
     */
    public void print(PrintStream out) {
        Map<Long, Long> touchedBy = new HashMap<>();
        for (Step step : steps) {
            touchedBy.merge(step.word(), 1L << step.cpu, (a, b) -> a | b);
        }
        StringBuilder head = new StringBuilder(String.format("%6s", "step"));
        for (int i = 0; i < cpus; i++) {
            head.append("  ").append(String.format("%-" + WIDTH + "s", "CPU#" + i));
        }
        out.println(head.toString().stripTrailing());
        int left = 0;
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            boolean shared = step.address != 0 && Long.bitCount(touchedBy.get(step.word())) > 1;
            boolean lastInRow = i + 1 == steps.size() || steps.get(i + 1).cpu != step.cpu;
            if (!shared && !step.waits && !(lastInRow && left > 0)) {
                left++;
                continue;
            }
            String indent = "  " + " ".repeat(step.cpu * (WIDTH + 2));
            if (left > 0) {
                out.println(" ".repeat(6) + indent + "(" + left + (left == 1 ? " step" : " steps") + " of its own)");
                left = 0;
            }
            String object = step.address == 0 ? "" : " " + names.get(step.address);
            String text = (step.function.isEmpty() ? "" : step.function + ": ") + step.what + object;
            out.println(String.format("%6d", step.number) + indent + text);
        }
    }
}
