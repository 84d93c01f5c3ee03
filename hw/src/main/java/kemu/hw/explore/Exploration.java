package kemu.hw.explore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Pending;
import kemu.hw.cpu.StepDriver;
import kemu.hw.machine.Area;
import kemu.hw.machine.DrivenTasks;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.Hang;
import kemu.hw.mem.UndoLog;

/**
 * Drives the CPUs of a machine through one execution after another. At every marked access the CPU asks here whether it
 * may go on; the question is answered on its own fiber, so a CPU that goes on costs no switch. A transition of a CPU's
 * lane is one marked access and everything plain up to the next.
 */
public final class Exploration extends StepDriver {
    private static final int NOBODY = -1;
    /** A buffer that reorders has as many lanes, even of one entry: searches know it by them. */
    private static final int REORDERING = 2;

    private final EmuMachine machine;
    private final int cpus;
    private final DrivenTasks tasks;
    private final UndoLog undo;
    private final Lanes lanes;
    private final Trail trail = new Trail();
    private final int maxSteps;
    private final long baseHash;

    private final List<Runnable> instruments = new ArrayList<>();
    private final MixedWords words = new MixedWords();
    private Scheduler scheduler;
    private int next;
    private int last;
    private int granted;
    private long over;
    private int ended;
    private final int[] endedOn;
    private boolean starting;
    private boolean undecided;
    /** Steps after the last one at which anybody else could have ended a loop of {@link #loner}. */
    private int aloneSince;

    /** The CPU that has gone on alone since then. */
    private int loner;

    private Outcome outcome;
    private Throwable failure;
    private final long[] relaxedAt;
    private boolean loose;
    private boolean raised;
    private boolean pollsAreSteps;
    /** Per CPU, the steps in which the stores now in its buffer were executed, oldest first; FIFO buffers only. */
    private final int[][] pushed;

    private final int[] pushes;
    /** Per CPU, true from a preemption until the task that follows has taken a step: or none would get anywhere. */
    private final boolean[] fresh;

    /**
     * Explores {@code machine}, on which the tasks have been started and which has not run. Memory as it is now is what
     * every execution begins with.
     *
     * @param maxSteps marked accesses after which an execution counts as a livelock
     */
    public Exploration(EmuMachine machine, int maxSteps) {
        this.machine = machine;
        this.cpus = machine.cpus();
        this.maxSteps = maxSteps;
        tasks = machine.software().driven(this::ended);
        MemoryModel model = machine.config().model();
        int entries = !model.buffers() ? 0 : model.reordersStores() ? Math.max(REORDERING, model.storeEntries()) : 1;
        int deliveries = model.staleLoads() ? 1 : 0;
        lanes = new Lanes(cpus, Math.min(entries, Lanes.MAX / cpus - 2 - deliveries), deliveries);
        pushed = new int[cpus][0];
        pushes = new int[cpus];
        fresh = new boolean[cpus];
        endedOn = new int[cpus];
        relaxedAt = new long[cpus];
        baseHash = machine.memoryHash();
        undo = new UndoLog(machine.memory());
        machine.keepDevices();
    }

    /** Runs one execution; {@link #trail} then says what happened. Memory is left as the execution left it. */
    public Outcome execute(Scheduler chooser) {
        scheduler = chooser;
        begin();
        if (outcome == null) {
            decide();
        }
        while (next != NOBODY) {
            resume(next, granted);
            if (undecided) {
                undecided = false;
                decide();
            }
        }
        scheduler.end(lanes);
        if (machine.lotDrawn()) {
            trail.lot(scheduler.lot());
            // Another lot is another program.
            loose = true;
        }
        machine.exploring(false);
        for (int i = 0; i < cpus; i++) {
            machine.cpu(i).explore(null);
        }
        return outcome;
    }

    /** Has {@code instrument} reset before every execution: whoever keeps state of his own about the machine. */
    public void onBegin(Runnable instrument) {
        instruments.add(instrument);
    }

    private void begin() {
        for (int i = 0; i < instruments.size(); i++) {
            instruments.get(i).run();
        }
        tasks.renew();
        trail.clear();
        outcome = null;
        failure = null;
        over = 0;
        ended = 0;
        Arrays.fill(endedOn, 0);
        last = -1;
        aloneSince = 0;
        loner = -1;
        lanes.left = 0;
        loose = false;
        Arrays.fill(pushes, 0);
        Arrays.fill(fresh, false);
        machine.bufferAccesses();
        machine.frames().attach(undo);
        machine.exploring(true);
        machine.putLot(scheduler.lot());
        starting = true;
        for (int i = 0; i < cpus && outcome == null; i++) {
            EmuCpu cpu = machine.cpu(i);
            cpu.explore(this);
            cpu.retire();
            cpu.restartClock();
            if (tasks.has(i)) {
                cpu.start(tasks.first(i));
                resume(i, 1);
            } else {
                over |= 1L << i;
            }
        }
        starting = false;
        undecided = false;
    }

    private void resume(int lane, int accesses) {
        EmuCpu cpu = machine.cpu(lane);
        cpu.run(accesses);
        while (cpu.pending().kind() == Pending.SWITCH) {
            cpu.run(cpu.budgetLeft());
        }
    }

    @Override
    public boolean leaves(EmuCpu cpu) {
        if (starting) {
            return true;
        }
        int lane = cpu.id();
        account(cpu);
        if (cpu.pending().kind() == Pending.RELAX) {
            relaxedAt[lane] = trail.steps();
            loose = true;
        }
        decide();
        if (next != lane) {
            return true;
        }
        cpu.grant(granted);
        return false;
    }

    private void account(EmuCpu cpu) {
        int left = cpu.budgetLeft();
        int taken = left <= 0 ? granted : granted - left + 1;
        trail.add(last, taken);
        lanes.left = granted - taken;
    }

    @Override
    public void switched() {
        tasks.switched();
    }

    private boolean ended(EmuCpu cpu, Throwable thrown) {
        ended++;
        endedOn[cpu.id()]++;
        if (thrown == null && endedOn[cpu.id()] < tasks.countOn(cpu.id())) {
            // The kernel's scheduler goes on to another task of this CPU, in the same transition.
            return false;
        }
        if (!starting) {
            account(cpu);
        }
        undecided = true;
        if (thrown != null) {
            failure = thrown;
            finish(Outcome.FAILED);
        }
        over |= 1L << cpu.id();
        cpu.retire();
        return true;
    }

    /**
     * True if, in the second half of all the steps there may be, one CPU went round alone: the tasks of all others are
     * over and their buffers are empty, and it has no old value to load. Its own stores it sees whether they are in
     * memory or not. Then nobody could have ended its loop, however fair the search.
     */
    boolean alone() {
        return outcome == Outcome.LIMIT && loner >= 0 && trail.steps() - aloneSince >= maxSteps / 2;
    }

    /** Notes whether {@code lane}, chosen now, is that of a CPU to which nothing can come from anywhere else. */
    private void noteCompany(int lane) {
        int cpu = lanes.cpuOf(lane);
        boolean itsOwn = lanes.isStep(lane) || lanes.isDrain(lane);
        boolean othersOver = (over | 1L << cpu) == (1L << cpus) - 1;
        long elsewhere = lanes.enabled & ~lanes.own(cpu);
        if (!itsOwn || !othersOver || elsewhere != 0) {
            loner = -1;
        } else if (loner != cpu) {
            loner = cpu;
            aloneSince = trail.steps();
        }
    }

    private void finish(Outcome how) {
        outcome = how;
        next = NOBODY;
    }

    private void decide() {
        next = NOBODY;
        while (outcome == null) {
            long enabled = look();
            if (enabled == 0) {
                finish(ended == tasks.count() ? Outcome.ENDED : Outcome.HUNG);
            } else if (trail.steps() >= maxSteps) {
                finish(Outcome.LIMIT);
            } else {
                int lane = scheduler.choose(lanes, last);
                if (lane < 0) {
                    finish(scheduler.complaint() == null ? Outcome.PRUNED : Outcome.REFUSED);
                    return;
                }
                noteCompany(lane);
                last = lane;
                if (lanes.isStep(lane) || lanes.isPreempt(lane)) {
                    step(lane);
                    return;
                }
                buffer(lane);
            }
        }
    }

    /** Lets a CPU go on, or preempts its task. */
    private void step(int lane) {
        next = lanes.cpuOf(lane);
        EmuCpu cpu = machine.cpu(next);
        if (lane == next) {
            loose |= cpu.interrupted();
            fresh[next] &= !tasks.preemptible(cpu);
            granted = Math.min(scheduler.stay(), maxSteps - trail.steps());
        } else {
            cpu.preempt();
            fresh[next] = true;
            granted = 1;
        }
    }

    /** Lets something happen to a CPU's buffers. */
    private void buffer(int lane) {
        EmuCpu cpu = machine.cpu(lanes.cpuOf(lane));
        if (lanes.isDrain(lane)) {
            int k = lanes.entryOf(lane);
            cpu.path().drain(k);
            int[] queue = pushed[cpu.id()];
            System.arraycopy(queue, 1, queue, 0, Math.max(0, queue.length - 1));
            pushes[cpu.id()]--;
        } else {
            Pending load = cpu.pending();
            cpu.path().deliver(load.stale(), load.address(), load.width());
        }
        trail.add(lane, 1);
    }

    /** Fills in the lanes; returns the enabled ones. */
    private long look() {
        long enabled = 0;
        long spinning = 0;
        for (int i = 0; i < cpus; i++) {
            EmuCpu cpu = machine.cpu(i);
            if (cpu.path().buffers() != null) {
                enabled |= lookAtBuffers(cpu);
            }
            if ((over & 1L << i) != 0) {
                lanes.kinds[i] = Pending.NONE;
                continue;
            }
            int kind = cpu.pending().kind();
            boolean idle = kind == Pending.IDLE;
            boolean local = kind == Pending.WRITE && cpu.path().buffers() != null;
            lanes.kinds[i] = idle ? Pending.WAIT : local ? Pending.FENCE : kind;
            lanes.addresses[i] = idle
                    ? word(Area.PENDING.of(cpu.area()), Integer.BYTES)
                    : local ? 0 : word(cpu.pending().address(), cpu.pending().width());
            if (kind == Pending.RELAX && relaxedAt[i] == trail.steps()) {
                spinning |= 1L << i;
            } else if (cpu.runnable() && !cpu.pending().drains()) {
                enabled |= 1L << i;
            }
            enabled |= lookAtPreemption(cpu);
        }
        // A loop that waits for anything goes round again when somebody else has moved, or when nobody else can.
        lanes.enabled = enabled != 0 ? enabled : spinning;
        return lanes.enabled;
    }

    private long lookAtPreemption(EmuCpu cpu) {
        int lane = lanes.preempt(cpu.id());
        boolean possible = tasks.countOn(cpu.id()) > 1 && tasks.preemptible(cpu) && !fresh[cpu.id()];
        if (possible && !scheduler.preempts()) {
            // Two lanes of one CPU are not independent of each other: such a search is not exhaustive.
            loose = true;
            possible = false;
        }
        lanes.kinds[lane] = possible ? Pending.SWITCH : Pending.NONE;
        lanes.addresses[lane] = 0;
        return possible ? 1L << lane : 0;
    }

    /** The word that an access is to, as far as an exhaustive search must know. */
    private long word(long address, int width) {
        return width == 0 || !scheduler.exhaustive() ? address : words.word(address, width);
    }

    /** True once after an execution that met a word of which an exhaustive search did not know that it is one. */
    boolean metMixedWord() {
        return words.grown();
    }

    private long lookAtBuffers(EmuCpu cpu) {
        int id = cpu.id();
        noteStores(cpu);
        long enabled = 0;
        int drainable = cpu.path().drainable();
        for (int k = 0; k < lanes.drains(); k++) {
            int lane = lanes.drain(id, k);
            boolean there = k < drainable;
            lanes.kinds[lane] = there ? Pending.WRITE : Pending.NONE;
            if (there) {
                lanes.addresses[lane] =
                        word(cpu.path().drainTarget(k), cpu.path().buffers().drainWidth(k));
                lanes.causes[lane] = pushed[id][0];
                enabled |= 1L << lane;
            }
        }
        if (lanes.delivers() > 0) {
            int lane = lanes.deliver(id, 0);
            boolean stale = (over & 1L << id) == 0 && cpu.pending().stale() >= 0;
            lanes.kinds[lane] = stale ? Pending.READ : Pending.NONE;
            lanes.addresses[lane] = cpu.pending().address();
            enabled |= stale ? 1L << lane : 0;
        }
        return enabled;
    }

    /** Stores that were not in the buffer before were executed in the last step. */
    private void noteStores(EmuCpu cpu) {
        int id = cpu.id();
        int stores = cpu.path().buffers().storeCount();
        if (pushed[id].length < stores) {
            pushed[id] = Arrays.copyOf(pushed[id], 2 * stores);
        }
        while (pushes[id] < stores) {
            pushed[id][pushes[id]++] = trail.steps() - 1;
        }
        pushes[id] = stores;
    }

    /** What happened, step by step. */
    public Trail trail() {
        return trail;
    }

    /** What happens next on every lane, as of the end of the last execution. */
    public Lanes lanes() {
        return lanes;
    }

    /**
     * True if the last execution did what an exhaustive search does not cover: it went round a loop that names no word
     * it waits for, or an interrupt ended a wait.
     */
    public boolean loose() {
        return loose;
    }

    @Override
    public void raised(int bits) {
        // A kernel that is not preemptible serves a request to reschedule only where it idles, which is a step.
        raised |= bits != Area.RESCHED || machine.config().preemptible();
    }

    /** True if some execution has raised an interrupt: then it matters when CPUs look for them. */
    public boolean interrupts() {
        return raised;
    }

    /** Makes every look for interrupts a step of its own, or not. */
    public void makePollsSteps(boolean value) {
        pollsAreSteps = value;
    }

    @Override
    public boolean pollsAreSteps() {
        return pollsAreSteps && !starting;
    }

    /**
     * A hash of memory as executions begin. It differs if anything is laid out, or was allocated, in another way: a
     * schedule fits only where it is the same.
     */
    public long sceneHash() {
        return baseHash;
    }

    /** A hash of memory now. Equal for equal memory. */
    public long stateHash() {
        long hash = baseHash ^ undo.difference();
        for (int i = 0; i < cpus; i++) {
            EmuCpu cpu = machine.cpu(i);
            hash = cpu.path().buffersEmpty() ? hash : cpu.path().buffers().hash(hash);
        }
        return hash;
    }

    /** What a failed or hung execution failed with; null for any other. Before {@link #rewind} only. */
    public Throwable failure() {
        if (outcome == Outcome.HUNG) {
            atRest();
            return new Hang(machine.software().describeHang(machine.bootCpu()));
        }
        return failure;
    }

    /** Makes the boot CPU usable for looking around: nothing pending, nothing preempts. */
    public void atRest() {
        machine.settleBuffers();
        machine.settle();
    }

    /** Puts memory and fibers back to where executions begin. */
    public void rewind() {
        machine.dropBuffers();
        undo.undo();
        machine.putBackDevices();
        machine.frames().attach(null);
        for (int i = 0; i < cpus; i++) {
            if (tasks.has(i) && (over & 1L << i) == 0) {
                tasks.renewFirst(i);
            }
        }
    }
}
