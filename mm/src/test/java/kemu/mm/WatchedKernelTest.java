package kemu.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import kemu.hw.cache.MemoryModel;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.race.RaceDetector;
import kemu.kernel.lockdep.LockDep;
import kemu.kernel.lockdep.RcuUsage;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.LockBalance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** fork, faults, reclaim and exit under ticks and preemption, with everything watched: nothing is found. */
class WatchedKernelTest {
    private static final int SEEDS = 4;
    private static final int SWAP_PAGES = 8_192;

    @ParameterizedTest
    @ValueSource(strings = {"SC", "TSO", "WEAK"})
    void shouldGiveInstrumentsNothingToReport(MemoryModel model) {
        for (int seed = 0; seed < SEEDS; seed++) {
            MachineConfig config = new MachineConfig(2L << 20, 2 + seed % 2, seed, true, "ticket", 24).withModel(model);
            try (EmuMachine machine = KernelCore.bootEmulated(config)) {
                String anonVma = seed % 4 == 3 ? "root-rwsem" : "root-recheck";
                ForkFaultReclaimScenario scenario =
                        new ForkFaultReclaimScenario(machine, new KernelConfig(anonVma, SWAP_PAGES), 40, 300, 2);
                RaceDetector races = machine.raceDetector(false, false);
                machine.attach(races);
                LockDep lockDep = new LockDep(machine);
                LockBalance balance = new LockBalance(machine);
                RcuUsage usage = new RcuUsage(machine, true);
                machine.run();
                assertTrue(scenario.done());
                assertEquals(List.of(), races.found(), "seed " + seed);
                assertEquals(List.of(), lockDep.found(), "seed " + seed);
                assertEquals(List.of(), balance.found(), "seed " + seed);
                assertEquals(List.of(), usage.found(), "seed " + seed);
            }
        }
    }
}
