package kemu.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class CheckBenchTest {
    @Test
    void shouldMeasureAccessesOfEveryModel() {
        List<CheckBench.Figure> figures = new CheckBench(true).accesses();
        assertEquals(3, figures.size());
        for (CheckBench.Figure one : figures) {
            assertTrue(one.value() > 1_000, one.toString());
        }
    }
}
