package kemu.soak.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SlopeTest {
    private static double[] times(int n) {
        return IntStream.range(0, n).asDoubleStream().toArray();
    }

    @Test
    void shouldFindALineUnderNoiseAndWildPoints() {
        SplittableRandom random = new SplittableRandom(1);
        double[] x = times(200);
        double[] y =
                Arrays.stream(x).map(t -> 5 + 0.5 * t + random.nextGaussian()).toArray();
        y[3] = 1e9;
        y[150] = -1e9;
        Slope slope = Slope.of(x, y);
        assertEquals(0.5, slope.value(), 0.01);
        assertTrue(slope.least() < 0.5 && 0.5 < slope.most(), slope::toString);
        assertTrue(slope.least() > 0.45 && slope.most() < 0.55, slope::toString);
    }

    @Test
    void shouldNotBeSureOfNoise() {
        int sure = 0;
        for (int seed = 0; seed < 500; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            double[] y = IntStream.range(0, 60)
                    .mapToDouble(i -> random.nextGaussian())
                    .toArray();
            Slope slope = Slope.of(times(60), y);
            sure += slope.least() > 0 || slope.most() < 0 ? 1 : 0;
        }
        // One in a thousand is expected.
        assertTrue(sure <= 4, () -> "sure of noise");
    }

    @Test
    void shouldBeSureOfNothingFromTwoPoints() {
        Slope slope = Slope.of(new double[] {0, 1}, new double[] {0, 1});
        assertEquals(1, slope.value());
        assertEquals(Double.NEGATIVE_INFINITY, slope.least());
    }
}
