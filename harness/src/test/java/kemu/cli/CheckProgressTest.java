package kemu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import kemu.check.Check;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Explorer.SoFar;
import org.junit.jupiter.api.Test;

class CheckProgressTest {
    @Test
    void shouldSayHowMuchIsLeftOrThatNobodyKnows() {
        assertEquals("about 12.5% of the branches known so far", CheckProgress.left(new SoFar(64, 3, 0.125, "")));
        assertEquals("about 50.0% of the pass 1", CheckProgress.left(new SoFar(64, 3, 0.5, "pass 1")));
        assertEquals("no estimate of what is left (it samples)", CheckProgress.left(new SoFar(64, 3, Double.NaN, "")));
    }

    @Test
    void shouldTellOfASearchWhileItGoesOn() {
        List<SoFar> told = new ArrayList<>();
        try (Check check = new Check(Subject.of("rmap-hang-child", "refcount", MemoryModel.SC))) {
            check.explore("exhaustive", 1, 400, () -> {
                told.add(check.soFar());
                return 1;
            });
        }
        SoFar first = told.getFirst();
        SoFar last = told.getLast();
        assertTrue(told.size() > 2 && last.executions() > first.executions(), told::toString);
        assertTrue(last.states() > 1 && last.states() <= last.executions(), told::toString);
        assertTrue(last.covered() > 0 && last.covered() < 1, told::toString);
    }
}
