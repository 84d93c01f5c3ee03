package kemu.litmus.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import kemu.hw.cache.MemoryModel;
import kemu.litmus.LitmusOutcome;
import kemu.litmus.Model;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.axiom.Search;
import kemu.litmus.corpus.Cycles;
import kemu.litmus.parse.LitmusParser;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The two engines share the parser and nothing else. On generated tests the emulated hardware must show all that is
 * sequentially consistent, all of x86, and nothing that the kernel's model forbids.
 */
final class EnginesTest {
    private static LitmusOutcome derive(Model model, LitmusTest test) {
        return new Search(model, Search.DEFAULT_LIMIT, Search.DEFAULT_UNROLL).run(test);
    }

    private static LitmusOutcome execute(MemoryModel model, LitmusTest test, int executions) {
        return new KernelEngine(new KernelEngine.Options(
                        model,
                        KernelEngine.Kind.EXHAUSTIVE,
                        executions,
                        1,
                        Search.DEFAULT_UNROLL,
                        "ticket",
                        "sched",
                        List.of(),
                        Search.DEFAULT_LIMIT))
                .run(test);
    }

    private static int compare(int stride, int executions) {
        List<String> wrong = new ArrayList<>();
        int[] compared = new int[1];
        Cycles.generate(stride, (name, text) -> {
            if (text.contains("srcu_read_lock(") || text.contains("synchronize_srcu(")) {
                return;
            }
            compared[0]++;
            LitmusTest test = LitmusParser.parse(name, text);
            boolean waits = text.contains("synchronize_rcu");
            for (Model model : waits ? List.<Model>of() : List.of(Model.SC, Model.TSO)) {
                LitmusOutcome executed = execute(model.machine(), test, 0);
                if (!executed.explored().exhaustive()
                        || !executed.states().equals(derive(model, test).states())) {
                    wrong.add(name + " " + model);
                }
            }
            Set<String> weak = new HashSet<>(execute(MemoryModel.WEAK, test, waits ? executions / 10 : executions)
                    .states());
            weak.removeAll(derive(Model.LKMM, test).states());
            if (!weak.isEmpty()) {
                wrong.add(name + " WEAK " + weak);
            }
        });
        assertEquals(List.of(), wrong, wrong.size() + " of " + compared[0]);
        return compared[0];
    }

    @Test
    void shouldAgreeOnGeneratedTests() {
        assertTrue(compare(120, 100) > 50);
    }

    @Test
    @Tag("regress")
    void shouldAgreeOnAllGeneratedTests() {
        assertTrue(compare(4, 2000) >= 1500);
    }
}
