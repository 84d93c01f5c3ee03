package kemu.check.story;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kemu.hw.cache.CpuBuffers;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.machine.Area;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.Symbols;
import kemu.hw.sched.Explorer;
import kemu.hw.sched.Outcome;
import kemu.hw.sched.Schedule;
import kemu.hw.task.Task;

/** A schedule followed once more, every step taken down: which CPU did what, in which function, to which word. */
public final class Story {
    private final List<Step> steps = new ArrayList<>();
    private final int cpus;
    private final String failure;

    private Story(int cpus, String failure) {
        this.cpus = cpus;
        this.failure = failure;
    }

    /** Follows {@code schedule} on {@code machine}; memory is put back. {@code failure} is what it ended with. */
    public static Story of(EmuMachine machine, Explorer explorer, Schedule schedule, String failure) {
        Story story = new Story(machine.cpus(), failure);
        Map<Integer, String> tasks = tasks(machine);
        explorer.exploration().makePollsSteps(schedule.pollsAreSteps());
        Teller teller = new Teller(machine, schedule.trail());
        Outcome outcome = explorer.exploration().execute(teller);
        teller.finish();
        if (outcome != schedule.outcome()) {
            throw new IllegalStateException("the replay to tell of diverged at step "
                    + teller.steps().size() + ": " + outcome + " "
                    + explorer.exploration().failure());
        }
        List<Map<Long, String>> names = new ArrayList<>();
        names.add(name(machine, teller.steps()));
        explorer.exploration().rewind();
        // Not before: to name an object its kernel state is read, and that would disturb the execution being told.
        names.add(name(machine, teller.steps()));
        for (Teller.Raw raw : teller.steps()) {
            story.steps.add(step(raw, tasks, names));
        }
        return story;
    }

    private static Map<Integer, String> tasks(EmuMachine machine) {
        Map<Integer, String> tasks = new HashMap<>();
        Cpu boot = machine.bootCpu();
        for (int slot = 0; slot < machine.sched().tasks().count(); slot++) {
            long task = machine.sched().tasks().at(slot);
            if (Task.STATE.get(boot, task) != Task.DEAD) {
                tasks.put(Task.PID.get(boot, task), machine.sched().commName(boot, task));
            }
        }
        return tasks;
    }

    private static Map<Long, String> name(EmuMachine machine, List<Teller.Raw> steps) {
        Symbols symbols = machine.memory().symbols();
        Map<Long, String> names = new HashMap<>();
        for (Teller.Raw raw : steps) {
            names.computeIfAbsent(raw.address(), symbols::nameOf);
            for (long value : new long[] {raw.before(), raw.after()}) {
                if (raw.width() == 8
                        && value >= 1L << 12
                        && value < machine.memory().sizeBytes()) {
                    names.computeIfAbsent(value, symbols::nameOf);
                }
            }
            for (long address : raw.bufferedAt()) {
                names.computeIfAbsent(address, symbols::nameOf);
            }
        }
        return names;
    }

    private static Step step(Teller.Raw raw, Map<Integer, String> tasks, List<Map<Long, String>> names) {
        List<String> buffered = new ArrayList<>();
        for (int i = 0; i < raw.bufferedAt().length; i++) {
            buffered.add(shorter(best(names, raw.bufferedAt()[i])) + " = " + value(raw.bufferedValues()[i]));
        }
        return new Step(
                raw.number(),
                raw.cpu(),
                tasks.getOrDefault(raw.pid(), "pid " + raw.pid()),
                raw.calls(),
                raw.what(),
                raw.address(),
                raw.width(),
                raw.address() == 0 ? "" : shorter(best(names, raw.address())),
                raw.before(),
                raw.after(),
                buffered);
    }

    /** The name at the end of the execution or at its beginning: whichever knows an object there. */
    private static String best(List<Map<Long, String>> names, long address) {
        String end = names.get(0).get(address);
        String begin = names.get(1).get(address);
        return begin != null && (end == null || end.startsWith("0x") || end.contains("free, lives")) ? begin : end;
    }

    /** Without what a table has no room for. */
    private static String shorter(String name) {
        int note = name.indexOf(" (");
        int flags = name.indexOf(" flags:");
        int end = note < 0 ? flags : flags < 0 ? note : Math.min(note, flags);
        return (end < 0 ? name : name.substring(0, end)).replace("struct page", "page");
    }

    static String value(long value) {
        return value >= 0 && value < 10 ? Long.toString(value) : value == -1 ? "-1" : "0x" + Long.toHexString(value);
    }

    /** The steps in their order. */
    public List<Step> steps() {
        return steps;
    }

    /** CPUs of the machine. */
    public int cpus() {
        return cpus;
    }

    /** What the kernel or an oracle said in the end; may have several lines. */
    public String failure() {
        return failure;
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

    /** Words that more than one CPU touches and at least one changes; and those that a CPU waits for. */
    boolean[] worthTelling() {
        Map<Long, Long> touchedBy = new HashMap<>();
        Map<Long, Boolean> changed = new HashMap<>();
        for (Step step : steps) {
            touchedBy.merge(step.word(), 1L << step.cpu(), (a, b) -> a | b);
            changed.merge(step.word(), step.writes(), (a, b) -> a || b);
        }
        boolean[] told = new boolean[steps.size()];
        for (int i = 0; i < told.length; i++) {
            Step step = steps.get(i);
            boolean shared = step.address() != 0 && Long.bitCount(touchedBy.get(step.word())) > 1;
            told[i] = shared && changed.get(step.word()) || step.waits();
        }
        return told;
    }

    /** What a CPU's store buffer holds: addresses and values, oldest first. */
    static long[][] buffered(EmuCpu cpu) {
        CpuBuffers buffers = cpu.buffers();
        int count = buffers == null ? 0 : buffers.storeCount();
        long[][] held = new long[2][count];
        for (int i = 0; i < count; i++) {
            held[0][i] = buffers.storeAddress(i);
            held[1][i] = buffers.storeValue(i);
        }
        return held;
    }

    static int pid(EmuCpu cpu) {
        return cpu.peek32(Area.CURRENT_PID.of(cpu.area()));
    }
}
