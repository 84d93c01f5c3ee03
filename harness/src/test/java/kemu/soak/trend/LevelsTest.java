package kemu.soak.trend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LevelsTest {
    @Test
    void shouldKeepTheLowestOfEachSpan() {
        Levels levels = new Levels(1);
        levels.add(0.1, 5);
        levels.add(0.9, 3);
        levels.add(2.5, 7);
        double[][] points = levels.since(0);
        assertArrayEquals(new double[] {0.5, 2.5}, points[0]);
        assertArrayEquals(new double[] {3, 7}, points[1]);
        assertArrayEquals(new double[] {7}, levels.since(1)[1]);
    }

    @Test
    void shouldHoldAWeekInTheSameMemory() {
        Levels levels = new Levels(1);
        int week = 7 * 24 * 3600;
        for (int second = 0; second < week; second += 5) {
            levels.add(second, second);
        }
        double[][] points = levels.since(0);
        int count = points[0].length;
        assertTrue(count > Levels.MOST / 2 && count <= Levels.MOST, () -> "points: " + count);
        assertEquals(1, Slope.of(points[0], points[1]).value(), 0.01);
    }
}
