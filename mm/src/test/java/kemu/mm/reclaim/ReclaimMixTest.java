package kemu.mm.reclaim;

import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cache.MemoryModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReclaimMixTest {
    @ParameterizedTest
    @ValueSource(strings = {"SC", "TSO", "WEAK"})
    void shouldKeepEveryModelRightOnEmulatedCpusWithManySeeds(MemoryModel memoryModel) {
        long swapped = 0;
        long killed = 0;
        int seeds = Integer.getInteger("kemu.test.seeds", memoryModel == MemoryModel.SC ? 300 : 60);
        for (int seed = 0; seed < seeds; seed++) {
            // Now and then too little swap, so that the OOM killer joins in.
            long[] result = new ReclaimMix(120, 30, 70)
                    .run("emu", 2048 << 10, 1 + seed % 3, seed, seed % 5 == 4 ? 60 : 3000, 3, memoryModel);
            swapped += result[0];
            killed += result[1];
        }
        assertTrue(swapped > 20L * seeds, "memory was hardly ever short: " + swapped);
        assertTrue(killed > 0, "memory never ran out");
    }

    @Test
    void shouldKeepEveryModelRightOnNativeCpus() {
        ReclaimMix big = new ReclaimMix(600, 200, 300);
        for (int seed = 0; seed < 4; seed++) {
            big.run("native", 4 << 20, 1 + seed % 4, seed, seed % 3 == 2 ? 300 : 8000, 4, MemoryModel.SC);
        }
    }
}
