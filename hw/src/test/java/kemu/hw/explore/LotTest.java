package kemu.hw.explore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Sched;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tasks that draw what they do draw something else in each execution, and the same again in a replay. */
class LotTest {
    private final EmuMachine machine =
            KernelCore.bootEmulated(new MachineConfig(1 << 20, 2, 1, false, "ticket", 16, MemoryModel.SC));
    private final long words = machine.bootAllocator().allocate(machine.bootCpu(), 128, 64, "words");

    @AfterEach
    void close() {
        machine.close();
    }

    private Explorer explorer(boolean draws) {
        for (int i = 0; i < 2; i++) {
            Sched.of(machine).spawn(machine.bootCpu(), cpu -> task(cpu, draws), i, "t" + i, 0);
        }
        return new Explorer(machine, cpu -> assertTrue(cpu.read64(words) % 32 != 3, "three"));
    }

    private void task(Cpu cpu, boolean draws) {
        cpu.writeOnce64(words, draws ? machine.drawLot() : 4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"random", "pct", "pos"})
    void shouldReplayTheLotOfAFailure(String search) throws ScheduleText.Malformed {
        Explorer explorer = explorer(true);
        Scheduler scheduler = switch (search) {
            case "random" -> new RandomWalk(5);
            case "pct" -> new Pct(5, 2);
            default -> new Pos(5);
        };
        Result found = explorer.explore(scheduler, 2_000, () -> 1);
        assertEquals(Result.Verdict.FAIL, found.verdict());
        assertEquals(3, found.trail().lot() % 32);
        Result shrunk = new Shrinker(explorer).shrink(found, 100);
        assertEquals(found.trail().lot(), shrunk.trail().lot());
        String text = ScheduleText.write(Schedule.of("lot", "", 5, explorer.exploration(), shrunk));
        Schedule read = ScheduleText.read(text);
        Result again = explorer.replay(read.trail(), read.pollsAreSteps());
        assertEquals(shrunk.failure().getMessage(), again.failure().getMessage());
        assertEquals(shrunk.stateHash(), again.stateHash());
        assertThrows(
                ScheduleText.Malformed.class,
                () -> ScheduleText.read(text.replaceFirst("\nlot [0-9a-f]+", "\nlot none")));
    }

    @Test
    void shouldNotCallOneProgramAll() {
        Result result = explorer(true).explore(new Dpor(), 100, () -> 1);
        assertEquals(Result.Verdict.UNKNOWN, result.verdict());
        assertTrue(result.finished());
    }

    @Test
    void shouldSayNothingOfALotThatNobodyDrew() {
        Explorer explorer = explorer(false);
        Result result = explorer.explore(new Dpor(), 100, () -> 1);
        assertEquals(Result.Verdict.PASS, result.verdict());
        assertEquals(0, explorer.exploration().trail().lot());
    }
}
