package kemu.hw.explore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.Consumer;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.Hang;
import kemu.hw.machine.MachineConfig;
import kemu.hw.mem.KernelBug;
import kemu.hw.mem.KernelOops;
import kemu.hw.order.Barriers;
import kemu.hw.order.Order;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Mutex;
import kemu.kernel.task.Sched;
import kemu.kernel.task.TaskBody;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small programs whose bugs, and whose number of executions, are known. */
class ExplorerTest {
    private static final long MANY = 200_000;
    private static final int MB = Barriers.fence("test.EXPLORER_MB");
    private static final LockClass LOCK = LockClass.of("explorer-test");

    /** A machine with some words; the program is given by the test. */
    private static final class Lab implements AutoCloseable {
        final EmuMachine machine;
        final long words;
        Explorer explorer;

        Lab(int cpus, MemoryModel model) {
            machine = KernelCore.bootEmulated(new MachineConfig(1 << 20, cpus, 1, false, "ticket", 16, model));
            words = machine.bootAllocator().allocate(machine.bootCpu(), 1024, 64, "words");
        }

        long word(int i) {
            return words + 64L * i;
        }

        Lab task(int cpu, TaskBody body) {
            Sched.of(machine).spawn(machine.bootCpu(), body, cpu, "t" + cpu, 0);
            return this;
        }

        Result explore(Scheduler scheduler, Consumer<Cpu> check) {
            explorer = new Explorer(machine, check, 2_000);
            return explorer.explore(scheduler, MANY, () -> 1);
        }

        @Override
        public void close() {
            machine.close();
        }
    }

    private static Scheduler scheduler(String name, long seed) {
        return switch (name) {
            case "random" -> new RandomWalk(seed);
            case "pct" -> new Pct(seed, 3);
            case "pos" -> new Pos(seed);
            default -> new Dpor();
        };
    }

    private static Lab lostUpdate() {
        Lab lab = new Lab(2, MemoryModel.SC);
        for (int i = 0; i < 2; i++) {
            lab.task(i, cpu -> cpu.writeOnce32(lab.words, cpu.readOnce32(lab.words) + 1));
        }
        return lab;
    }

    private static Consumer<Cpu> holds(long word, int value) {
        return cpu -> {
            if (cpu.read32(word) != value) {
                throw new KernelBug("lost: " + cpu.read32(word));
            }
        };
    }

    /** CPU#0 takes a lock by one name and frees it by another, read again; CPU#1 changes the name in between. */
    private static Lab twoNames() {
        Lab lab = new Lab(2, MemoryModel.SC);
        Cpu boot = lab.machine.bootCpu();
        long name = lab.word(0);
        SpinLock.init(boot, lab.word(1), LOCK);
        SpinLock.init(boot, lab.word(2), LOCK);
        boot.write64(name, lab.word(1));
        lab.task(0, cpu -> {
            SpinLock.lock(cpu, cpu.readOnce64(name));
            for (int i = 0; i < 20; i++) {
                cpu.readOnce32(lab.word(5));
            }
            SpinLock.unlock(cpu, cpu.readOnce64(name));
        });
        lab.task(1, cpu -> {
            for (int i = 0; i < 20; i++) {
                cpu.readOnce32(lab.word(6));
            }
            cpu.writeOnce64(name, lab.word(2));
            for (int i = 0; i < 20; i++) {
                cpu.readOnce32(lab.word(6));
            }
            SpinLock.lock(cpu, lab.word(1));
            SpinLock.unlock(cpu, lab.word(1));
        });
        return lab;
    }

    @ParameterizedTest
    @ValueSource(strings = {"random", "pct", "pos", "exhaustive"})
    void shouldFindALostUpdate(String search) {
        try (Lab lab = lostUpdate()) {
            Result result = lab.explore(scheduler(search, 7), holds(lab.words, 2));
            assertEquals(Result.Verdict.FAIL, result.verdict());
            assertEquals("lost: 1", result.failure().getMessage());
        }
    }

    @Test
    void shouldCountTheTracesOfAtomicIncrements() {
        // n increments of one word can come in n! orders.
        for (int n = 1; n <= 5; n++) {
            try (Lab lab = new Lab(n, MemoryModel.SC)) {
                int factorial = 1;
                for (int i = 0; i < n; i++) {
                    lab.task(i, cpu -> cpu.fetchAdd32(lab.words, 1, Order.FULL));
                    factorial *= i + 1;
                }
                Result result = lab.explore(new Dpor(), holds(lab.words, n));
                assertEquals(Result.Verdict.PASS, result.verdict());
                assertEquals(factorial, result.executions() - result.pruned());
                assertEquals(1, result.states());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"2", "3"})
    void shouldProveMutualExclusionOfTheTicketLock(int cpus) {
        try (Lab lab = new Lab(cpus, MemoryModel.SC)) {
            SpinLock.init(lab.machine.bootCpu(), lab.word(1), LOCK);
            for (int i = 0; i < cpus; i++) {
                lab.task(i, cpu -> {
                    SpinLock.lock(cpu, lab.word(1));
                    cpu.write32(lab.words, cpu.read32(lab.words) + 1);
                    SpinLock.unlock(cpu, lab.word(1));
                });
            }
            Result result = lab.explore(new Dpor(), holds(lab.words, cpus));
            assertEquals(Result.Verdict.PASS, result.verdict(), String.valueOf(result.failure()));
            assertTrue(result.executions() >= cpus, "every order of tickets");
        }
    }

    @ParameterizedTest
    @CsvSource({"SC,false,PASS", "TSO,false,FAIL", "TSO,true,PASS"})
    void shouldJudgeDekkerByTheModel(MemoryModel model, boolean fences, Result.Verdict expected) {
        try (Lab lab = new Lab(2, model)) {
            for (int i = 0; i < 2; i++) {
                int own = i;
                lab.task(i, cpu -> {
                    cpu.writeOnce32(lab.word(own), 1);
                    if (fences) {
                        cpu.smpMb(MB);
                    }
                    int other = cpu.readOnce32(lab.word(1 - own));
                    cpu.writeOnce32(lab.word(2 + own), other);
                });
            }
            Result result = lab.explore(new Dpor(), cpu -> {
                if (cpu.read32(lab.word(2)) == 0 && cpu.read32(lab.word(3)) == 0) {
                    throw new KernelBug("both missed");
                }
            });
            assertEquals(expected, result.verdict(), String.valueOf(result.failure()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"random", "pct", "pos", "exhaustive"})
    void shouldReportAHangAndShrinkItToItsTwoSwitches(String search) {
        try (Lab lab = twoNames()) {
            Result result = lab.explore(scheduler(search, 3), cpu -> {});
            assertEquals(Result.Verdict.FAIL, result.verdict());
            assertEquals(Outcome.HUNG, result.outcome());
            assertTrue(result.failure() instanceof Hang);
            assertTrue(result.failure().getMessage().contains("waits for spinlock explorer-test"));
            Result small = new Shrinker(lab.explorer).shrink(result, 5_000);
            // In, rename, wrong unlock, hang: CPU#0 must go first, be overtaken, and come back before CPU#1 waits.
            Lanes lanes = lab.explorer.exploration().lanes();
            assertTrue(Shrinker.switches(small.trail(), lanes) <= 2, ScheduleText.write(schedule(lab, small)));
            assertEquals(Outcome.HUNG, small.outcome());
            Result again = lab.explorer.replay(small.trail(), small.pollsAreSteps());
            assertEquals(small.stateHash(), again.stateHash());
            assertEquals(small.failure().getMessage(), again.failure().getMessage());
        }
    }

    private static Schedule schedule(Lab lab, Result result) {
        return Schedule.of("toy", "a=b c=d", 3, lab.explorer.exploration(), result);
    }

    @ParameterizedTest
    @ValueSource(strings = {"random", "pct", "pos", "exhaustive"})
    void shouldDoTheSameFromTheSameSeed(String search) {
        String first = null;
        for (int i = 0; i < 2; i++) {
            try (Lab lab = twoNames()) {
                Result result = lab.explore(scheduler(search, 11), cpu -> {});
                String text = ScheduleText.write(schedule(lab, result)) + result.executions() + " " + result.steps();
                assertEquals(first == null ? text : first, text);
                first = text;
            }
        }
    }

    @Test
    void shouldPutMemoryBackBetweenExecutions() {
        try (Lab lab = lostUpdate()) {
            long before = lab.machine.memoryHash();
            Explorer explorer = new Explorer(lab.machine, cpu -> {});
            long scene = explorer.exploration().sceneHash();
            assertNotEquals(before, scene, "the tasks are in place");
            Result result = explorer.explore(new RandomWalk(1), 1_000, () -> 1);
            assertEquals(scene, lab.machine.memoryHash());
            assertEquals(1_000, result.executions());
            assertEquals(Result.Verdict.UNKNOWN, result.verdict());
            assertEquals(2, result.states(), "one increment lost, or none");
        }
    }

    @Test
    void shouldSayWhereAScheduleDoesNotFit() {
        try (Lab lab = lostUpdate()) {
            lab.explore(new RandomWalk(1), cpu -> {});
            Trail trail = new Trail();
            trail.add(0, 1);
            Result short1 = lab.explorer.replay(trail, false);
            assertEquals(Outcome.REFUSED, short1.outcome());
            assertEquals(
                    "schedule exhausted at step 1, but the execution goes on",
                    short1.failure().getMessage());
            trail.add(0, 1);
            trail.add(1, 1);
            trail.add(0, 1);
            Result wrong = lab.explorer.replay(trail, false);
            assertEquals(Outcome.REFUSED, wrong.outcome());
            assertEquals(
                    "diverged at step 3: c0 cannot go on here", wrong.failure().getMessage());
        }
    }

    @Test
    void shouldReportABugOfATaskAndGoOnAfterwards() {
        try (Lab lab = new Lab(2, MemoryModel.SC)) {
            lab.task(0, cpu -> cpu.writeOnce32(lab.words, 1));
            lab.task(1, cpu -> {
                if (cpu.readOnce32(lab.words) == 1) {
                    cpu.readOnce32(8);
                }
            });
            Result result = lab.explore(new Dpor(), cpu -> {});
            assertEquals(Outcome.FAILED, result.outcome());
            assertTrue(result.failure() instanceof KernelOops);
            Result again = lab.explorer.replay(result.trail(), false);
            assertEquals(result.stateHash(), again.stateHash());
            assertEquals(
                    Result.Verdict.FAIL,
                    lab.explorer.explore(new Pos(1), MANY, () -> 1).verdict());
        }
    }

    @Test
    void shouldCallALoopWithoutEndALivelock() {
        try (Lab lab = new Lab(2, MemoryModel.SC)) {
            lab.task(0, cpu -> {
                while (cpu.readOnce32(lab.words) == 0) {
                    cpu.relax();
                }
            });
            lab.task(1, cpu -> cpu.readOnce32(lab.words));
            Result result = lab.explore(new Dpor(), cpu -> {});
            assertEquals(Outcome.LIMIT, result.outcome());
            assertEquals(Result.Verdict.FAIL, result.verdict());
            assertTrue(result.failure().getMessage().contains("livelock"));
        }
    }

    @Test
    void shouldNotSayPassForLoopsThatNameNoWord() {
        try (Lab lab = new Lab(2, MemoryModel.SC)) {
            lab.task(0, cpu -> {
                while (cpu.readOnce32(lab.words) == 0) {
                    cpu.relax();
                }
            });
            lab.task(1, cpu -> cpu.writeOnce32(lab.words, 1));
            Result result = lab.explore(new Dpor(), cpu -> {});
            assertNull(result.failure());
            assertEquals(Result.Verdict.UNKNOWN, result.verdict());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"random", "pct", "exhaustive"})
    void shouldLetTasksSleepAndShareACpu(String search) {
        try (Lab lab = new Lab(2, MemoryModel.SC)) {
            Cpu boot = lab.machine.bootCpu();
            Mutex.init(boot, lab.word(1), LOCK);
            for (int i = 0; i < 3; i++) {
                lab.task(i % 2, cpu -> {
                    Mutex.lock(cpu, lab.word(1));
                    cpu.writeOnce32(lab.words, cpu.readOnce32(lab.words) + 1);
                    Mutex.unlock(cpu, lab.word(1));
                });
            }
            lab.explorer = new Explorer(lab.machine, holds(lab.words, 3));
            Result result = lab.explorer.explore(scheduler(search, 1), 3_000, () -> 1);
            assertNull(result.failure());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "random,true,SC",
        "pct,true,SC",
        "pos,true,SC",
        "random,true,TSO",
        "random,true,WEAK",
        "random,false,SC",
        "exhaustive,true,SC"
    })
    void shouldPreemptTasksOfOneCpuOnlyWhereTheKernelIsPreemptible(
            String search, boolean preemptible, MemoryModel model) {
        try (EmuMachine machine =
                KernelCore.bootEmulated(new MachineConfig(1 << 20, 1, 1, preemptible, "ticket", 16, model))) {
            long word = machine.bootAllocator().allocate(machine.bootCpu(), 64, 64, "word");
            for (int i = 0; i < 2; i++) {
                Sched.of(machine)
                        .spawn(machine.bootCpu(), cpu -> cpu.writeOnce32(word, cpu.readOnce32(word) + 1), 0, "t", 0);
            }
            Explorer explorer = new Explorer(machine, holds(word, 2));
            Result result = explorer.explore(scheduler(search, 1), 5_000, () -> 1);
            boolean found = preemptible;
            assertEquals(found ? Result.Verdict.FAIL : Result.Verdict.UNKNOWN, result.verdict());
            if (found) {
                Result again = explorer.replay(result.trail(), result.pollsAreSteps());
                assertEquals(result.outcome(), again.outcome());
                assertEquals(result.stateHash(), again.stateHash());
            }
        }
    }

    @Test
    void shouldWriteAndReadSchedules() throws ScheduleText.Malformed {
        try (Lab lab = twoNames()) {
            Result result = lab.explore(new RandomWalk(3), cpu -> {});
            Schedule schedule = schedule(lab, result);
            String text = ScheduleText.write(schedule);
            Schedule read = ScheduleText.read(text);
            assertEquals(text, ScheduleText.write(read));
            assertNull(read.misfit(lab.explorer.exploration()));
            Result again = lab.explorer.replay(read.trail(), read.pollsAreSteps());
            assertEquals(read.stateHash(), again.stateHash());
            assertEquals(read.outcome(), again.outcome());
            malformed("not a schedule", "hello\n");
            malformed(
                    "schedule of version 9 (this program reads versions 1 and 2)",
                    text.replace("schedule 2", "schedule 9"));
            malformed("edited or damaged", text.replaceFirst("seed \\d+", "seed 77"));
            malformed("edited or damaged", text.replaceFirst("run (c\\d)\\*\\d+", "run $1*99"));
            assertEquals(text, ScheduleText.write(ScheduleText.read(text.replace("\n", "\r\n"))));
            String old = text.replace("schedule 2", "schedule 1").replaceFirst("sum .*\n", "");
            assertEquals(text, ScheduleText.write(ScheduleText.read(old)));
            malformed("no such lane: c7*1", old.replaceFirst("run \\S+", "run c7*1"));
            malformed("announced", old.replaceFirst("run (c\\d)\\*\\d+", "run $1*99"));
            malformed("count of", old.replaceFirst("run (c\\d)\\*\\d+", "run $1*2147483647 $1*2147483647"));
            malformed("count of", old.replaceFirst("run (c\\d)\\*\\d+", "run $1*-1"));
            malformed("lanes", old.replaceFirst("lanes \\S+", "lanes -1"));
            malformed("lanes", old.replaceFirst("lanes \\S+", "lanes 2000000000"));
            malformed("outcome", old.replaceFirst("outcome \\S+", "outcome REFUSED"));
            malformed("outcome", old.replaceFirst("outcome \\S+", "outcome WELL"));
            malformed("polls", old.replaceFirst("polls \\S+", "polls maybe"));
            malformed("seed", old.replaceFirst("seed \\S+", "seed 99999999999999999999"));
            malformed("state", old.replaceFirst("state \\S+", "state xyz"));
            malformed("text after", text + "more\n");
            for (int cut = 1; cut < text.length() - 1; cut++) {
                String part = text.substring(0, cut);
                String message = assertThrows(ScheduleText.Malformed.class, () -> ScheduleText.read(part))
                        .getMessage();
                assertEquals(1, message.lines().count());
            }
        }
        try (Lab lab = twoNames();
                Lab other = lostUpdate()) {
            Result result = lab.explore(new RandomWalk(3), cpu -> {});
            other.explore(new RandomWalk(1), cpu -> {});
            String misfit = schedule(lab, result).misfit(other.explorer.exploration());
            assertTrue(misfit.startsWith("schedule is of another build or scene"), misfit);
        }
    }

    private static void malformed(String expected, String text) {
        String message = assertThrows(ScheduleText.Malformed.class, () -> ScheduleText.read(text))
                .getMessage();
        assertTrue(message.contains(expected), message);
        assertEquals(1, message.lines().count());
    }
}
