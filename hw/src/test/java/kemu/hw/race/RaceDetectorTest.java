package kemu.hw.race;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.mem.PhysMem;
import kemu.hw.order.Barriers;
import kemu.hw.order.Order;
import kemu.kernel.context.Task;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Sched;
import kemu.kernel.task.TaskBody;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small programs of two CPUs: the wrong ones race on some seed, the right ones on none. */
class RaceDetectorTest {
    private static final int SEEDS = 60;
    private static final int FENCE = Barriers.fence("test.RACE_FENCE");
    private static final int ACQUIRE = Barriers.acquire("test.RACE");
    private static final int RELEASE = Barriers.release("test.RACE");

    private long data;
    private long flag;
    private long other;
    private long lock;
    private long copy;
    private boolean loaded;

    /** Races of {@code first} on CPU 0 with {@code second} on CPU 1, over many seeds. */
    private List<DataRace> races(MemoryModel model, boolean stacks, boolean stops, TaskBody first, TaskBody second) {
        List<DataRace> found = new ArrayList<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            MachineConfig config = MachineConfig.of(4L << 20, 2).withSeed(seed).withModel(model);
            try (EmuMachine machine = KernelCore.bootEmulated(config)) {
                Cpu boot = machine.bootCpu();
                long words = machine.bootAllocator().allocate(boot, 512, 64, "words");
                data = words;
                loaded = false;
                flag = words + 64;
                other = words + 128;
                lock = words + 192;
                copy = machine.bootAllocator().allocate(boot, PhysMem.PAGE_SIZE, PhysMem.PAGE_SIZE, "copy");
                SpinLock.init(boot, lock, LockClass.of("test->lock"));
                RaceDetector detector = machine.raceDetector(stacks, stops);
                machine.attach(detector);
                int[] left = {2};
                for (TaskBody body : List.of(first, second)) {
                    int on = body == first ? 0 : 1;
                    Sched.of(machine).spawn(boot, cpu -> last(left, body, cpu), on, "t" + on, Task.PF_KTHREAD);
                }
                machine.run();
                found.addAll(detector.found());
            }
        }
        return found;
    }

    private static void last(int[] left, TaskBody body, Cpu cpu) {
        body.run(cpu);
        if (--left[0] == 0) {
            Machine.of(cpu).halt();
        }
    }

    private int racesOf(MemoryModel model, TaskBody first, TaskBody second) {
        return races(model, false, false, first, second).size();
    }

    private void locked(Cpu cpu) {
        SpinLock.lock(cpu, lock);
        cpu.write64(data, cpu.read64(data) + 1);
        SpinLock.unlock(cpu, lock);
    }

    private void tryLocked(Cpu cpu) {
        while (!SpinLock.tryLock(cpu, lock)) {
            cpu.relax();
        }
        cpu.write64(data, cpu.read64(data) + 1);
        SpinLock.unlock(cpu, lock);
    }

    private void unlocked(Cpu cpu) {
        cpu.readOnce64(other);
        cpu.write64(data, cpu.read64(data) + 1);
    }

    /** The frame with the words, as a fault copies a page. */
    private void copyFrame(Cpu cpu) {
        cpu.copyFrame(copy, data & -PhysMem.PAGE_SIZE);
    }

    private void copyAndKeep(Cpu cpu) {
        copyFrame(cpu);
        cpu.tell(Event.FRAME_REPLACED, data & -PhysMem.PAGE_SIZE, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SC", "TSO", "WEAK"})
    void shouldLetUsersStoreToAFrameThatIsCopiedButNotTheKernel(MemoryModel model) {
        assertEquals(0, racesOf(model, this::copyFrame, cpu -> cpu.writeOnce64(data, 1)));
        assertTrue(racesOf(model, this::copyAndKeep, cpu -> cpu.writeOnce64(data, 1)) > 0);
        assertTrue(racesOf(model, this::copyFrame, cpu -> cpu.write64(data, 1)) > 0);
        assertTrue(racesOf(model, this::copyFrame, cpu -> cpu.writeOnce64(copy, 1)) > 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SC", "TSO", "WEAK"})
    void shouldBeSilentWhenLocked(MemoryModel model) {
        assertEquals(0, racesOf(model, this::locked, this::locked));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SC", "TSO", "WEAK"})
    void shouldBeSilentWhenTheLockIsTriedFor(MemoryModel model) {
        assertEquals(0, racesOf(model, this::tryLocked, this::tryLocked));
        assertEquals(0, racesOf(model, this::locked, this::tryLocked));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SC", "TSO", "WEAK"})
    void shouldReportWhenOneSideForgetsTheLock(MemoryModel model) {
        assertTrue(racesOf(model, this::locked, this::unlocked) > 0);
    }

    @Test
    void shouldReportAndNameBothSidesWhenStacksAreKept() {
        DataRace race = races(MemoryModel.SC, true, false, this::unlocked, this::unlocked)
                .get(0);
        String[] lines = race.getMessage().split("\n");
        assertEquals("BUG: KCSAN: data-race in RaceDetectorTest.unlocked / RaceDetectorTest.unlocked", lines[0]);
        assertTrue(
                lines[2].matches("(read|write) to 0x[0-9a-f]+ \\(words\\+0x0\\) of 8 bytes by task \\d+ on cpu [01]:"));
        assertTrue(lines[3].trim().startsWith("RaceDetectorTest.unlocked (RaceDetectorTest.java:"), lines[3]);
        assertTrue(race.getMessage().contains(" on cpu 0:") && race.getMessage().contains(" on cpu 1:"));
    }

    @Test
    void shouldStopTheMachineWhenAsked() {
        assertThrows(DataRace.class, () -> races(MemoryModel.SC, false, true, this::unlocked, this::unlocked));
    }

    @Test
    void shouldReportWhenAMarkedLoadMeetsAPlainStore() {
        assertTrue(racesOf(MemoryModel.SC, this::unlocked, cpu -> cpu.readOnce64(data)) > 0);
    }

    @Test
    void shouldBeSilentWhenAllAreMarked() {
        TaskBody marked = cpu -> cpu.writeOnce64(data, cpu.readOnce64(data) + 1);
        assertEquals(0, racesOf(MemoryModel.SC, marked, marked));
    }

    private void consume(Cpu cpu, boolean acquire, boolean fence) {
        long seen = acquire ? cpu.loadAcquire64(flag, ACQUIRE) : cpu.readOnce64(flag);
        if (fence) {
            cpu.smpRmb(FENCE);
        }
        if (seen != 0) {
            cpu.read64(data);
        }
    }

    private void produce(Cpu cpu, boolean release, boolean fence) {
        cpu.write64(data, 7);
        if (fence) {
            cpu.smpWmb(FENCE);
        }
        if (release) {
            cpu.storeRelease64(flag, 1, RELEASE);
        } else {
            cpu.writeOnce64(flag, 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SC", "TSO", "WEAK"})
    void shouldKnowReleaseAcquireAndFences(MemoryModel model) {
        assertEquals(0, racesOf(model, cpu -> produce(cpu, true, false), cpu -> consume(cpu, true, false)));
        assertEquals(0, racesOf(model, cpu -> produce(cpu, false, true), cpu -> consume(cpu, false, true)));
        assertEquals(0, racesOf(model, cpu -> produce(cpu, false, true), cpu -> consume(cpu, true, false)));
    }

    @Test
    void shouldReportWhenEitherHalfOfTheOrderIsMissing() {
        assertTrue(racesOf(MemoryModel.SC, cpu -> produce(cpu, false, false), cpu -> consume(cpu, true, false)) > 0);
        assertTrue(racesOf(MemoryModel.SC, cpu -> produce(cpu, true, false), cpu -> consume(cpu, false, false)) > 0);
    }

    private void publish(Cpu cpu) {
        cpu.write64(data, 7);
        cpu.storeRelease64(flag, data, RELEASE);
    }

    @Test
    void shouldHonourAddressDependencies() {
        TaskBody follow = cpu -> {
            long at = cpu.loadDependent64(flag);
            if (at != 0) {
                cpu.read64(at);
            }
        };
        assertEquals(0, racesOf(MemoryModel.SC, this::publish, follow));
    }

    @Test
    void shouldKnowThatAnOvertakenLoadComesBeforeOnlyWithFullFences() {
        for (boolean fence : new boolean[] {true, false}) {
            TaskBody reader = cpu -> {
                cpu.read64(data);
                if (fence) {
                    cpu.smpMb(FENCE);
                }
                cpu.readOnce64(flag);
                loaded = true;
            };
            TaskBody writer = cpu -> {
                // The load came first: the writer is told beside the machine, so nothing else orders them.
                if (loaded) {
                    cpu.xchg64(flag, 1, Order.FULL);
                    cpu.write64(data, 1);
                }
            };
            TaskBody slowWriter = cpu -> {
                for (int i = 0; i < 8; i++) {
                    cpu.readOnce64(other);
                }
                writer.run(cpu);
            };
            assertEquals(fence, racesOf(MemoryModel.SC, reader, slowWriter) == 0);
        }
    }

    @Test
    void shouldReportTheFirstAccessesOfEveryExecution() {
        try (EmuMachine machine = KernelCore.bootEmulated(MachineConfig.of(4L << 20, 3))) {
            long word = machine.bootAllocator().allocate(machine.bootCpu(), 64, 64, "word");
            RaceDetector detector = machine.raceDetector(false, false);
            for (int first = 0; first < 3; first++) {
                for (int second = 0; second < 3; second++) {
                    detector.begin();
                    detector.plainRead(first, word, 8);
                    detector.plainWrite(second, word, 8);
                    assertEquals(first == second ? 0 : 1, detector.found().size(), first + " then " + second);
                }
            }
        }
    }
}
