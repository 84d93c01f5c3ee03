package kemu.litmus;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/**
 * Some seconds of {@link LitmusFuzz}; {@code -Dkemu.fuzz.litmus=N} tries N inputs instead, {@code -Dkemu.fuzz.seed=S}
 * others.
 */
final class LitmusFuzzTest {
    @Test
    void shouldJudgeOrRefuseWhateverItIsGiven() throws Exception {
        LitmusFuzz fuzz = new LitmusFuzz();
        long inputs = Long.getLong("kemu.fuzz.litmus", 1_500);
        long seed = Long.getLong("kemu.fuzz.seed", 1);
        for (long i = 0; i < inputs; i++) {
            fuzz.input(seed, i);
            if (i % 20_000 == 19_999) {
                System.out.println("litmus: " + (i + 1) + " inputs, " + fuzz.judged() + " judged, " + fuzz.refused()
                        + " refused, no violation");
            }
        }
        assertTrue(fuzz.judged() > inputs / 5 && fuzz.refused() > inputs / 5, fuzz.judged() + " of " + inputs);
    }
}
