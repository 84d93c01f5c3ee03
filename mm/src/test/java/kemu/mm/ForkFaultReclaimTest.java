package kemu.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import kemu.hw.cache.MemoryModel;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineConfig;
import kemu.kernel.task.KernelCore;
import kemu.mm.pgtable.tlb.TlbModes;
import kemu.mm.slab.SlabShadow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same scenario on both CPUs: kernel code is written once. */
class ForkFaultReclaimTest {
    private static final int SEEDS = 1_000;
    private static final int SWAP_PAGES = 8_192;

    private static MachineConfig config(long memoryBytes, int cpus, long seed) {
        return new MachineConfig(memoryBytes, cpus, seed, true, "ticket", 24);
    }

    private static ForkFaultReclaimScenario run(
            Machine machine, String anonVma, int parentPages, int childPages, int children) {
        ForkFaultReclaimScenario scenario = new ForkFaultReclaimScenario(
                machine, new KernelConfig(anonVma, SWAP_PAGES), parentPages, childPages, children);
        machine.run();
        assertTrue(scenario.done(), "the scenario did not finish");
        assertEquals(List.of(), scenario.errors());
        return scenario;
    }

    @ParameterizedTest
    @ValueSource(strings = {"root-recheck", "root-rwsem"})
    void shouldKeepMemoryRightOnNativeCpus(String anonVma) {
        for (int cpus : new int[] {1, 2, 4}) {
            try (Machine machine = KernelCore.bootNative(config(8L << 20, cpus, 1))) {
                ForkFaultReclaimScenario scenario = run(machine, anonVma, 300, 1_500, 4);
                assertTrue(scenario.swappedOut() > 0, "memory was never short");
            }
        }
    }

    @Test
    void shouldKeepMemoryRightOnEmulatedCpusWithAThousandSeeds() {
        long swappedOut = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            try (Machine machine = KernelCore.bootEmulated(config(2L << 20, 2, seed))) {
                String anonVma = seed % 4 == 3 ? "root-rwsem" : "root-recheck";
                swappedOut += run(machine, anonVma, 40, 300, 2).swappedOut();
            } catch (RuntimeException | Error failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
        }
        assertTrue(swappedOut > SEEDS, "memory was hardly ever short: " + swappedOut + " pages swapped out");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TSO", "WEAK"})
    void shouldKeepMemoryRightUnderWeakerMemoryModels(MemoryModel model) {
        for (int seed = 0; seed < SEEDS / 5; seed++) {
            int cpus = 2 + seed % 2;
            try (Machine machine =
                    KernelCore.bootEmulated(config(2L << 20, cpus, seed).withModel(model))) {
                run(machine, seed % 4 == 3 ? "root-rwsem" : "root-recheck", 40, 300, 2);
            } catch (RuntimeException | Error failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SC", "TSO", "WEAK"})
    void shouldKeepMemoryRightWithTlbsThatStayUntilFlushed(MemoryModel model) {
        for (int seed = 0; seed < SEEDS / 25; seed++) {
            try (Machine machine =
                    KernelCore.bootEmulated(config(2L << 20, 2 + seed % 3, seed).withModel(model))) {
                KernelConfig kernel = new KernelConfig("root-recheck", SWAP_PAGES).withTlb(TlbModes.EXPLORED);
                ForkFaultReclaimScenario scenario = new ForkFaultReclaimScenario(machine, kernel, 40, 300, 2);
                machine.run();
                assertTrue(scenario.done(), "the scenario did not finish");
                assertEquals(List.of(), scenario.errors());
            } catch (RuntimeException | Error failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
        }
    }

    @Test
    void shouldGiveShadowMemoryNothingToReport() {
        for (int seed = 0; seed < SEEDS / 25; seed++) {
            MemoryModel model = MemoryModel.builtIn().get(seed % 3);
            try (EmuMachine machine =
                    KernelCore.bootEmulated(config(2L << 20, 2 + seed % 2, seed).withModel(model))) {
                String anonVma = seed % 4 == 3 ? "root-rwsem" : "root-recheck";
                ForkFaultReclaimScenario scenario =
                        new ForkFaultReclaimScenario(machine, new KernelConfig(anonVma, SWAP_PAGES), 40, 300, 2);
                SlabShadow shadow = new SlabShadow(machine, scenario.kernel().slabs());
                shadow.scan();
                machine.run();
                assertTrue(scenario.done());
                assertEquals(List.of(), shadow.badReads());
            }
        }
    }

    @Test
    void shouldRepeatBitForBitWithTheSameSeed() {
        long[] steps = new long[2];
        for (int i = 0; i < 2; i++) {
            try (EmuMachine machine = KernelCore.bootEmulated(config(2L << 20, 2, 42))) {
                run(machine, "root-recheck", 40, 160, 2);
                steps[i] = machine.cpu(0).steps() * 31 + machine.cpu(1).steps();
            }
        }
        assertEquals(steps[0], steps[1]);
    }
}
