package kemu.hw.machine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import kemu.hw.cache.CpuBuffers;
import kemu.hw.cache.Drained;
import kemu.hw.cache.Granule;
import kemu.hw.cache.LineDirectory;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Recorder;
import kemu.hw.cpu.Witness;
import kemu.hw.mem.TouchedFrames;
import kemu.hw.race.RaceDetector;
import kemu.hw.shadow.ShadowMemory;

/**
 * A machine whose CPUs take turns on one host thread. A seeded random scheduler may switch at every marked access; it
 * draws how many accesses the chosen CPU runs, so that staying on a CPU costs nothing. Same seed, same execution.
 *
 * <p>While it runs under a memory model other than sc, buffered stores become visible and old values go away at random
 * moments as well. Boot code, and whoever looks around after a run, sees memory as it is.
 *
 * <p>Time is virtual: a tick passes every {@link #STEPS_PER_TICK} marked accesses or so, and at once when all CPUs
 * wait.
 */
public final class EmuMachine extends Machine {
    /** Marked accesses of all CPUs between two ticks, on average: see {@link #stepsToTick}. */
    public static final int STEPS_PER_TICK = 20_000;

    /** Stores that wait on a CPU and old values that it keeps, at most, where it keeps all. */
    private static final int KEPT = 4096;

    private static final int MAX_SLICE = 64;
    private static final int SOON = 256;

    private final EmuCpu[] cpus;
    private final EmuCpu[] runnable;
    private final TouchedFrames frames;
    private final SplittableRandom random;
    private final CpuBuffers[] buffers;
    private boolean[] weakened;
    /** Chances in 64 that a buffered store of a CPU becomes visible between two slices: few in some runs. */
    private final int drainChance;

    /** Chances in 64 that a CPU sees the present value of a word of which it saw an old one. */
    private final int deliverChance;

    private RaceDetector detector;
    private ShadowMemory shadow;
    private final List<Witness> witnesses = new ArrayList<>();
    /** Null unless a story is told. */
    private Recorder recorder;

    private long lot;
    private boolean lotDrawn;
    private boolean running;
    private long switches;

    /** Builds the machine; its {@link Software} comes next, and nothing runs before {@link #run}. */
    public EmuMachine(MachineConfig config) {
        super(config);
        random = new SplittableRandom(config.seed());
        drainChance = config.model().buffers() ? 1 << 2 * random.nextInt(3) : 0;
        deliverChance = config.model().staleLoads() ? 1 << 2 * random.nextInt(3) : 0;
        frames = new TouchedFrames(memory());
        cpus = new EmuCpu[config.cpus()];
        runnable = new EmuCpu[config.cpus()];
        for (int i = 0; i < cpus.length; i++) {
            cpus[i] = new EmuCpu(this, frames, i, areaBase(i));
        }
        for (int i = 0; i < cpus.length; i++) {
            areaAddress(bootAllocator(), cpus[0], i);
            // Stall reports show the counts of other CPUs.
            memory().symbols().racy(Area.PREEMPT_COUNT.of(areaBase(i)), Integer.BYTES);
        }
        memory().symbols().resolveAside(cpus[0]::aside);
        buffers = new CpuBuffers[config.cpus()];
        if (config.model().buffers()) {
            connectBuffers(config.model());
        }
        powerOn();
    }

    private void connectBuffers(MemoryModel model) {
        // What only its own CPU uses: the interrupt word, which hardware serves, and the counters of preemption.
        int privateBytes = Area.CURRENT.offset();
        for (int i = 0; i < cpus.length; i++) {
            buffers[i] = new CpuBuffers(model, frames, cpus[i].area(), privateBytes);
        }
        for (int i = 0; i < cpus.length; i++) {
            CpuBuffers[] others = new CpuBuffers[cpus.length - 1];
            for (int j = 0; j < others.length; j++) {
                others[j] = buffers[j < i ? j : j + 1];
            }
            buffers[i].connect(others);
        }
    }

    /**
     * Counts hits, misses, transfers and invalidations of every access from the next run on; works under every model,
     * at some cost. The names of the hottest words are in {@link kemu.hw.mem.Symbols}.
     */
    public LineDirectory countCaches() {
        if (buffers[0] == null) {
            connectBuffers(config().model());
        }
        LineDirectory directory = new LineDirectory(cpus.length, memory().sizeBytes());
        for (int i = 0; i < cpus.length; i++) {
            buffers[i].count(directory.cache(i));
        }
        return directory;
    }

    /** Makes the fence, acquire or release with id {@code barrier} do nothing. Before the machine runs only. */
    public void weaken(int barrier) {
        if (weakened == null) {
            weakened = new boolean
                    [Math.max(barrier + 1, kemu.hw.order.Barriers.names().size())];
        }
        weakened[barrier] = true;
    }

    /**
     * True if any CPU has met a barrier that {@link #weaken} has made to do nothing: a mutant that was really tried.
     */
    public boolean reachedWeakened() {
        return Arrays.stream(cpus).anyMatch(cpu -> cpu.path().reachedWeakened());
    }

    /** From now on accesses go through the buffers of the memory model, which are empty; nothing changes for sc. */
    public void bufferAccesses() {
        for (int i = 0; i < cpus.length; i++) {
            if (buffers[i] != null) {
                buffers[i].reset();
                cpus[i].path().attach(buffers[i], weakened);
            }
        }
    }

    /**
     * From now on each store may be seen, and each old value of a word, where the memory model lets stores wait and
     * loads be old ({@link CpuBuffers#keepAll}): what a search of all executions needs. On other machines a store may
     * be merged into one of its word that still waits, and of the old values of a word only the oldest is kept. Before
     * anything runs.
     */
    public void seeEveryStore() {
        for (int i = 0; i < cpus.length; i++) {
            if (buffers[i] != null) {
                buffers[i].keepAll(KEPT);
            }
        }
    }

    /** Makes every store visible; from now on accesses go straight to memory. */
    public void settleBuffers() {
        for (int i = 0; i < cpus.length; i++) {
            if (buffers[i] != null) {
                buffers[i].drainAll();
                cpus[i].path().attach(null, null);
            }
        }
    }

    /** Drops what is buffered; from now on accesses go straight to memory, which the caller restores. */
    public void dropBuffers() {
        for (int i = 0; i < cpus.length; i++) {
            if (buffers[i] != null) {
                buffers[i].reset();
                cpus[i].path().attach(null, null);
            }
        }
    }

    /**
     * From now on {@code races} judges the accesses of all tasks; null for nobody. Boot, which is alone, is not judged.
     */
    public void attach(RaceDetector races) {
        detector = races;
        attachWatches();
    }

    /** From now on {@code to} is told what every access of a task gets and puts; null for nobody. */
    public void record(Recorder to) {
        recorder = to;
        attachWatches();
    }

    /**
     * CPU {@code id} gives the {@code bytes} at {@code address} away: to whoever still uses them and is not ordered
     * before that, it is as if they were written.
     */
    public void givesAway(int id, long address, long bytes) {
        if (detector != null && running) {
            for (long at = address; at < address + bytes; at += Long.BYTES) {
                detector.plainWrite(id, at, Long.BYTES);
            }
        }
    }

    /** From now on {@code witness} is told what the tasks do, see {@link kemu.hw.cpu.Event}. */
    public void attach(Witness witness) {
        witnesses.add(witness);
        attachWatches();
    }

    /** From now on {@code shadowMemory} is asked about the accesses of all tasks; null for nobody. */
    public void attach(ShadowMemory shadowMemory) {
        shadow = shadowMemory;
        attachWatches();
    }

    /**
     * Boot code's accesses are told as well from now on, or not, to all but the race detector: for the end of an
     * execution, which kernel code may come to on the boot CPU.
     */
    public void watchBoot(boolean value) {
        boolean watched = value && (shadow != null || !witnesses.isEmpty());
        cpus[0].instruments()
                .watch(watched ? new AttachedInstruments(cpus[0], null, shadow, witnesses, recorder) : null);
    }

    private void attachWatches() {
        boolean watched = detector != null || shadow != null || recorder != null || !witnesses.isEmpty();
        for (EmuCpu cpu : cpus) {
            cpu.instruments()
                    .attach(watched ? new AttachedInstruments(cpu, detector, shadow, witnesses, recorder) : null);
        }
        for (int i = 0; i < cpus.length && buffers[i] != null; i++) {
            buffers[i].tellDrains(drainsOf(i));
        }
    }

    /** Whoever must know when a store of CPU {@code id} becomes visible; null for nobody. */
    private Drained drainsOf(int id) {
        RaceDetector races = detector;
        Recorder to = recorder;
        if (to == null) {
            return races == null
                    ? null
                    : (granule, mask, before, after, number) -> races.drained(id, granule, mask, number);
        }
        return (granule, mask, before, after, number) -> {
            if (races != null) {
                races.drained(id, granule, mask, number);
            }
            long address = Granule.address(granule, mask);
            int width = mask == -1L ? 8 : 4;
            to.drained(
                    id,
                    address,
                    width,
                    Granule.extract(address, width, before),
                    Granule.extract(address, width, after));
        };
    }

    /** A detector for this machine's accesses, to {@link #attach}; see {@link RaceDetector}. */
    public RaceDetector raceDetector(boolean stacks, boolean stops) {
        return new RaceDetector(
                memory(),
                cpus.length,
                this::pidOn,
                stacks,
                stops,
                config().model().buffers());
    }

    private int pidOn(int id) {
        return (int) frames.load(Area.CURRENT_PID.of(cpus[id].area()), 4);
    }

    /** Memory as the CPUs of this machine see it. */
    public TouchedFrames frames() {
        return frames;
    }

    /** A hash of all memory that was ever accessed: equal for equal executions. */
    public long memoryHash() {
        return frames.hash();
    }

    /** The 64-bit word at {@code address} as it is in memory, whatever CPUs have buffered. */
    public long memoryWord(long address) {
        return frames.word(address);
    }

    @Override
    public EmuCpu cpu(int id) {
        return cpus[id];
    }

    @Override
    public boolean running() {
        return running;
    }

    /** Says whether an explorer drives the CPUs now; kernel code asks {@link #running}. */
    public void exploring(boolean value) {
        running = value;
        if (value) {
            beginWatch();
        }
    }

    /** Before an execution: the number that its tasks draw from. */
    public void putLot(long value) {
        lot = value;
        lotDrawn = false;
    }

    /**
     * The number that tasks of this execution may draw what they do from, a constant while it lasts; 0 where nothing is
     * explored.
     */
    public long drawLot() {
        lotDrawn = true;
        return lot;
    }

    /** True if a task of this execution has asked for the lot. */
    public boolean lotDrawn() {
        return lotDrawn;
    }

    /** A tick of the clock, raised by {@code cpu}: where executions are explored, a task plays the clock. */
    public void tickFrom(Cpu cpu) {
        tick(cpu);
    }

    /** Times the scheduler picked a CPU. */
    public long switches() {
        return switches;
    }

    @Override
    void drive() {
        for (int i = 0; i < cpus.length; i++) {
            cpus[i].start(software().idleFiber(i));
        }
        running = true;
        beginWatch();
        bufferAccesses();
        try {
            loop();
        } catch (MachineHalted halted) {
            // Stopped by halt() or fail().
        } catch (RuntimeException | Error failure) {
            fail(failure);
        }
        settleBuffers();
        running = false;
    }

    private void beginWatch() {
        if (detector != null) {
            detector.begin();
        }
    }

    private void loop() {
        long toTick = stepsToTick();
        int stuckTicks = 0;
        long lastProgress = -1;
        while (!halted()) {
            EmuCpu cpu = pick();
            if (cpu == null && drainSome()) {
                continue;
            }
            if (cpu == null) {
                long progress = totalProgress();
                stuckTicks = progress == lastProgress ? stuckTicks + 1 : 0;
                lastProgress = progress;
                if (Watchdog.exceeded(stuckTicks, watchdog().hangJiffies())) {
                    throw new Hang(software().describeHang(cpus[0]));
                }
                tick(cpus[0]);
                continue;
            }
            switches++;
            if (cpu.path().buffers() != null) {
                stirBuffers();
            }
            // Half of the slices are short, so that races of a few instructions are met; the rest let work get done.
            long before = cpu.steps();
            cpu.run(random.nextBoolean() ? 1 + random.nextInt(4) : 1 + random.nextInt(MAX_SLICE));
            toTick -= cpu.steps() - before;
            if (toTick <= 0) {
                toTick = stepsToTick();
                tick(cpus[0]);
            }
        }
    }

    /** Lets some buffered stores become visible and some old values go away. */
    private void stirBuffers() {
        for (EmuCpu cpu : cpus) {
            int stores = random.nextInt(64) < drainChance ? cpu.path().drainable() : 0;
            if (stores > 0) {
                cpu.path().drain(random.nextInt(stores));
            }
            int old = random.nextInt(64) < deliverChance ? cpu.path().deliverable() : 0;
            if (old > 0) {
                cpu.path().deliver(random.nextInt(old));
            }
        }
    }

    /** Makes all stores visible; false if all were. */
    private boolean drainSome() {
        boolean any = false;
        for (EmuCpu cpu : cpus) {
            while (!cpu.path().buffersEmpty()) {
                cpu.path().drain(0);
                any = true;
            }
        }
        return any;
    }

    /** A quarter of the ticks follow soon, so that preemption is met in places that are executed once. */
    private int stepsToTick() {
        return random.nextInt(4) == 0 ? 1 + random.nextInt(SOON) : 1 + random.nextInt(STEPS_PER_TICK * 8 / 3);
    }

    /** One of the CPUs that can go on, all equally likely; null if there is none. */
    private EmuCpu pick() {
        int count = 0;
        for (EmuCpu cpu : cpus) {
            if (cpu.runnable()) {
                runnable[count++] = cpu;
            }
        }
        return switch (count) {
            case 0 -> null;
            case 1 -> runnable[0];
            default -> runnable[random.nextInt(count)];
        };
    }

    /** Marked accesses of all CPUs so far. */
    public long totalSteps() {
        long total = 0;
        for (EmuCpu cpu : cpus) {
            total += cpu.steps();
        }
        return total;
    }

    /** Task switches and ended waits: what ticks alone do not bring about. */
    private long totalProgress() {
        long total = 0;
        for (EmuCpu cpu : cpus) {
            total += cpu.progress();
        }
        return total;
    }

    @Override
    void wakeAllForHalt() {
        // The loop looks before it picks a CPU; the one that runs goes on to the end of its slice.
    }

    @Override
    StackTraceElement[] stackOf(int id) {
        return cpus[id].currentFiber().stackTrace();
    }

    @Override
    boolean quiet() {
        return !running;
    }
}
