package kemu.check.story;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kemu.hw.cache.CpuBuffers;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Event;
import kemu.hw.cpu.Pending;
import kemu.hw.cpu.Recorder;
import kemu.hw.explore.Lanes;
import kemu.hw.explore.Scheduler;
import kemu.hw.explore.Trail;
import kemu.hw.machine.Area;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.Symbols;
import kemu.kernel.context.Task;
import kemu.kernel.locking.LockClass;
import kemu.kernel.task.Comms;
import kemu.kernel.task.Sched;

/**
 * Follows a trail one step at a time, and takes down what every access gets and puts when it happens, and what locks
 * and the slab allocator say. Nothing is looked up afterwards, when memory has moved on; names, too, are those of the
 * moment.
 */
final class Teller implements Scheduler, Recorder {
    private final EmuMachine machine;
    private final LockNames lockNames;
    private final Trail trail;
    private final Map<Integer, String> tasks = new HashMap<>();
    private final List<Step> steps = new ArrayList<>();
    private final List<LockEvent> locks = new ArrayList<>();
    private final List<ObjectEvent> objects = new ArrayList<>();
    private final ToldEvents told = new ToldEvents();
    /** Per step, its task's number. */
    private final List<Integer> pids = new ArrayList<>();
    /** Objects freed and not allocated again. */
    private final Set<Symbols.Thing> freed = new HashSet<>();
    /** Per CPU, the functions it was in when it last asked to go on. */
    private final List<List<String>> asked = new ArrayList<>();

    /** What CPUs do before their first step. */
    private final List<Story.First> first = new ArrayList<>();

    private int run;
    private int used;
    private int cpuNow = -1;
    private String task;
    private Access main;
    /** True once the CPU has done what the step is about. */
    private boolean mainDone;
    /** What the word of a store was for its CPU when the step began. */
    private long beforeWrite;

    private List<Access> plain = new ArrayList<>();
    /** Per CPU, an access that has begun and that nobody has finished: it waits, or an oracle has stopped it. */
    private final Access[] begun;

    /** {@code lockNames} is null where locks are called as the words they are. */
    Teller(EmuMachine machine, LockNames lockNames, Trail trail) {
        this.machine = machine;
        this.lockNames = lockNames;
        this.trail = trail;
        begun = new Access[machine.cpus()];
        for (int i = 0; i < machine.cpus(); i++) {
            asked.add(List.of());
        }
        Cpu boot = machine.bootCpu();
        for (int slot = 0; slot < Sched.of(machine).tasks().count(); slot++) {
            long known = Sched.of(machine).tasks().at(slot);
            if (Task.STATE.get(boot, known) != Task.DEAD) {
                tasks.put(Task.PID.get(boot, known), Comms.of(machine).nameOf(boot, known));
            }
        }
    }

    List<Step> steps() {
        return steps;
    }

    List<Story.First> first() {
        return first;
    }

    List<LockEvent> locks() {
        return locks;
    }

    List<ObjectEvent> objects() {
        return objects;
    }

    ToldEvents told() {
        return told;
    }

    List<Integer> pids() {
        return pids;
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
    public long lot() {
        return trail.lot();
    }

    @Override
    public int choose(Lanes lanes, int last) {
        // A CPU asks on its own fiber before each access: what is on the stack now is what it is about to do.
        if (last >= 0 && lanes.isStep(last)) {
            List<String> stack = Frames.here();
            if (!stack.isEmpty()) {
                asked.set(lanes.cpuOf(last), stack);
            }
        }
        finish();
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
        open(lanes, lane);
        return lane;
    }

    /** The execution is over. */
    void end() {
        if (main != null && begun[cpuNow] != null) {
            // Stopped in it: what it was about to do is all there is to tell.
            add(cpuNow, begun[cpuNow]);
        }
        finish();
    }

    /** The step that was begun is over. */
    private void finish() {
        if (main == null) {
            return;
        }
        if (!mainDone) {
            promote();
        }
        steps.add(new Step(steps.size() + 1, cpuNow, task, main, List.copyOf(plain), buffered(machine.cpu(cpuNow))));
        main = null;
        plain = new ArrayList<>();
    }

    /** A look at the interrupt word is a step, but a plain load. */
    private void promote() {
        for (Access access : plain) {
            if (access.act() == main.act() && access.address() == main.address()) {
                main = access;
                plain.remove(access);
                return;
            }
        }
    }

    private void open(Lanes lanes, int lane) {
        cpuNow = lanes.cpuOf(lane);
        EmuCpu cpu = machine.cpu(cpuNow);
        task = taskOn(cpu);
        pids.add(pidOn(cpu));
        int kind = cpu.pending().kind();
        Act act = Act.of(kind);
        List<String> calls = asked.get(cpuNow);
        mainDone = false;
        if (lanes.isDrain(lane)) {
            act = Act.DRAIN;
            calls = List.of();
        } else if (lanes.isPreempt(lane)) {
            act = Act.PREEMPTED;
        } else if (!lanes.isStep(lane)) {
            delivered(cpu);
            return;
        }
        // What it gets, or puts, is told when it does.
        boolean word = lanes.isStep(lane) && kind != Pending.IDLE && kind != Pending.FENCE;
        long address = word ? cpu.pending().address() : 0;
        beforeWrite = kind == Pending.WRITE && word
                ? cpu.peekAt(address, cpu.pending().width())
                : beforeWrite;
        main = new Access(act, true, 0, address == 0 ? Access.Word.NONE : word(address), 0, 0, 0, calls);
    }

    private void delivered(EmuCpu cpu) {
        CpuBuffers buffers = cpu.path().buffers();
        int k = cpu.pending().stale();
        long address = buffers.deliverTarget(k);
        int width = address == cpu.pending().address() ? cpu.pending().width() : 8;
        long now = cpu.peekAt(address, width);
        mainDone = true;
        main = new Access(Act.INVALIDATION, true, width, word(address), buffers.deliverValue(k), now, now, List.of());
    }

    private String taskOn(EmuCpu cpu) {
        int pid = pidOn(cpu);
        return tasks.getOrDefault(pid, "pid " + pid);
    }

    private static int pidOn(EmuCpu cpu) {
        return cpu.peek32(Area.CURRENT_PID.of(cpu.area()));
    }

    // ---- what happens ---------------------------------------------------------------------------------------------

    /** An access is the step's own if it is what the CPU was to do; what is between two steps is plain. */
    private void add(int cpu, Access access) {
        if (main == null) {
            first.add(new Story.First(cpu, access));
        } else if (access.marked() && !mainDone) {
            boolean wait = main.act() == Act.WAIT && access.act() == Act.READ;
            main = wait ? access.as(Act.WAIT) : access;
            mainDone = true;
        } else {
            plain.add(access);
        }
    }

    @Override
    public void begins(int cpu, long address, int width, boolean write) {
        long before = write ? machine.cpu(cpu).peekAt(address, width) : 0;
        begun[cpu] = new Access(
                write ? Act.ABOUT_TO_WRITE : Act.ABOUT_TO_READ,
                main != null && !mainDone,
                width,
                word(address),
                before,
                0,
                0,
                Frames.here());
    }

    private void done(int cpu, Act act, boolean marked, long address, int width, long before, long after, long memory) {
        List<String> calls = begun[cpu] == null ? List.of() : begun[cpu].calls();
        Access.Word word = begun[cpu] == null ? word(address) : begun[cpu].word();
        begun[cpu] = null;
        boolean narrow = width == Integer.BYTES;
        add(
                cpu,
                new Access(
                        act,
                        marked,
                        width,
                        word,
                        narrow ? (int) before : before,
                        narrow ? (int) after : after,
                        narrow ? (int) memory : memory,
                        calls));
    }

    @Override
    public void read(int cpu, long address, int width, boolean marked, long value) {
        done(
                cpu,
                Act.READ,
                marked,
                address,
                width,
                value,
                value,
                machine.cpu(cpu).peekAt(address, width));
    }

    @Override
    public void wrote(int cpu, long address, int width, boolean marked, long value) {
        // A store tells when it is done. A marked one begins with its step, a plain one with what was told then.
        long before = marked || begun[cpu] == null ? beforeWrite : begun[cpu].before();
        done(cpu, Act.WRITE, marked, address, width, before, value, value);
    }

    @Override
    public void changed(int cpu, long address, int width, long old, long now, boolean stored) {
        done(cpu, stored ? Act.RMW : Act.FAILED_CMPXCHG, true, address, width, old, now, now);
    }

    @Override
    public void fence(int cpu, int order) {
        begun[cpu] = null;
    }

    @Override
    public void filled(int cpu, long to, long from) {
        boolean clears = from == Cpu.NULL;
        Access.Word at = word(to);
        Access.Word word = new Access.Word(
                to, at.object(), at.name(), clears ? "" : word(from).name());
        add(cpu, new Access(clears ? Act.CLEARED : Act.COPIED, false, 0, word, from, from, from, Frames.here()));
    }

    @Override
    public void drained(int cpu, long address, int width, long old, long value) {
        Access drain = new Access(Act.DRAIN, true, width, word(address), old, value, value, List.of());
        if (main != null && !mainDone && main.act() == Act.DRAIN) {
            mainDone = true;
            main = drain;
        } else {
            // A step that must have the buffer empty.
            add(cpu, drain);
        }
    }

    @Override
    public void told(int cpu, int event, long object, long detail) {
        EmuCpu by = machine.cpu(cpu);
        switch (event) {
            case Event.LOCK_WANTED, Event.LOCKED, Event.UNLOCKING -> {
                int mode = (int) detail & ~(Event.TRY | Event.NEST | Event.subclass(-1));
                String[] name = new String[1];
                machine.cpu(0)
                        .aside(() -> name[0] = lockNames == null
                                ? machine.memory().symbols().nameOf(object)
                                : lockNames.of(machine.bootCpu(), object, mode));
                boolean bit = Event.kindOf(mode) == LockClass.BIT;
                boolean handedOver = !bit && LockClass.RUN_QUEUE.isOf(by.peek32(object + LockClass.WORD_OFFSET));
                locks.add(
                        new LockEvent(number(), cpu, taskOn(by), pidOn(by), event, object, mode, handedOver, name[0]));
            }
            case Event.SLAB_ALLOCATED, Event.SLAB_FREEING -> {
                boolean frees = event == Event.SLAB_FREEING;
                Symbols.Symbol at = machine.memory().symbols().at(object);
                String name = withoutMember(at.name());
                objects.add(new ObjectEvent(number(), cpu, taskOn(by), frees, at.object(), name));
                if (frees) {
                    freed.add(at.object());
                } else {
                    freed.remove(at.object());
                }
            }
            case Event.TASK_WOKEN -> told.add(by, taskOn(by), number(), event, object, by.peek32(Task.PID.of(object)));
            default -> told.add(by, taskOn(by), number(), event, object, detail);
        }
    }

    /** The step that is being told; 0 before the first. */
    private int number() {
        return main == null ? steps.size() : steps.size() + 1;
    }

    // ---- names ----------------------------------------------------------------------------------------------------

    private Access.Word word(long address) {
        Symbols.Symbol at = machine.memory().symbols().at(address);
        // By what the allocator has said: on models with store buffers memory lags behind.
        String state = freed.contains(at.object()) ? " (free)" : "";
        return new Access.Word(address, at.object(), shorter(at.name()) + state, "");
    }

    /** Without what a table has no room for. */
    private static String shorter(String name) {
        int note = name.indexOf(" (");
        int flags = name.indexOf(" flags:");
        int end = note < 0 ? flags : flags < 0 ? note : Math.min(note, flags);
        return (end < 0 ? name : name.substring(0, end)).replace("struct page", "page");
    }

    /** Of an object, whose first word has been looked up: without the name of that word. */
    private static String withoutMember(String name) {
        String word = shorter(name);
        int member = word.indexOf("->");
        int end = member < 0 ? word.indexOf("+0x") : member;
        return end < 0 ? word : word.substring(0, end);
    }

    /** What a CPU's store buffer holds, oldest first. */
    private List<Step.Waiting> buffered(EmuCpu cpu) {
        List<Step.Waiting> held = new ArrayList<>();
        CpuBuffers buffers = cpu.path().buffers();
        for (int i = 0; buffers != null && i < buffers.storeCount(); i++) {
            long address = buffers.storeAddress(i);
            held.add(new Step.Waiting(address, word(address).name() + " = " + Story.value(buffers.storeValue(i))));
        }
        return held;
    }
}
