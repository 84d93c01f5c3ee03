package kemu.litmus.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kemu.hw.cache.MemoryModel;
import kemu.litmus.LitmusOutcome;
import kemu.litmus.Model;
import kemu.litmus.Verdicts;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.axiom.Search;
import kemu.litmus.parse.LitmusParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The shapes of the corpus: what the emulated CPUs show of each, in every order there is, and what axioms allow. */
final class ShapesTest {
    private static Path resource(String name) throws Exception {
        return Path.of(ShapesTest.class.getResource("/litmus/" + name).toURI());
    }

    /** By test, which models show its outcome. */
    private static Map<String, Map<MemoryModel, Boolean>> table() throws Exception {
        Map<String, Map<MemoryModel, Boolean>> table = new LinkedHashMap<>();
        List<String> lines = Files.readAllLines(resource("shapes/shown.csv"));
        List<MemoryModel> models = new ArrayList<>();
        for (String line : lines) {
            String[] cells = line.split(",");
            if (models.isEmpty()) {
                for (int i = 1; i < cells.length; i++) {
                    models.add(MemoryModel.byName(cells[i]));
                }
                continue;
            }
            Map<MemoryModel, Boolean> shown = new LinkedHashMap<>();
            for (int i = 1; i < cells.length; i++) {
                shown.put(models.get(i - 1), cells[i].equals("yes"));
            }
            table.put(cells[0], shown);
        }
        return table;
    }

    private static LitmusTest test(String name) throws Exception {
        Path shape = resource("shapes/shown.csv").resolveSibling(name + ".litmus");
        return LitmusParser.parse(Files.exists(shape) ? shape : resource("classic/" + name + ".litmus"));
    }

    @ParameterizedTest
    @MethodSource("kemu.hw.cache.MemoryModel#builtIn")
    void shouldShowExactlyWhatTheTableSays(MemoryModel model) throws Exception {
        List<String> wrong = new ArrayList<>();
        Map<String, Map<MemoryModel, Boolean>> table = table();
        assertEquals(78, table.size());
        for (Map.Entry<String, Map<MemoryModel, Boolean>> row : table.entrySet()) {
            LitmusOutcome outcome = new KernelEngine(options(model)).run(test(row.getKey()));
            assertTrue(outcome.complete() && outcome.explored().exhaustive(), row.getKey());
            if (outcome.positive() > 0 != row.getValue().get(model)) {
                wrong.add(row.getKey() + (outcome.positive() > 0 ? " is shown" : " is not shown"));
            }
        }
        assertEquals(List.of(), wrong);
    }

    private static KernelEngine.Options options(MemoryModel model) {
        return new KernelEngine.Options(
                model,
                KernelEngine.Kind.STATES,
                0,
                1,
                Search.DEFAULT_UNROLL,
                "ticket",
                "sched",
                List.of(),
                Search.DEFAULT_LIMIT);
    }

    @Test
    void shouldShowNothingForbiddenExceptDependenciesOnAlpha() throws Exception {
        Verdicts expected = Verdicts.read(resource("expected.csv"));
        for (Map.Entry<String, Map<MemoryModel, Boolean>> row : table().entrySet()) {
            Map<MemoryModel, Boolean> shown = row.getValue();
            String name = row.getKey();
            if (expected.of(name).verdict().equals("Never")) {
                assertFalse(shown.get(MemoryModel.WEAK), name);
                assertTrue(!shown.get(MemoryModel.ALPHA) || name.endsWith("addr"), name);
            }
            assertTrue(!shown.get(MemoryModel.TSO) || shown.get(MemoryModel.WEAK), name);
            assertFalse(shown.get(MemoryModel.SC), name);
        }
    }

    @Test
    void shouldAgreeWithTheAxiomsOnEveryShape() throws Exception {
        List<String> wrong = new ArrayList<>();
        for (Map.Entry<String, Map<MemoryModel, Boolean>> row : table().entrySet()) {
            String name = row.getKey();
            for (MemoryModel model : List.of(MemoryModel.SC, MemoryModel.TSO)) {
                Search axioms = new Search(Model.of(model.label()), Search.DEFAULT_LIMIT, Search.DEFAULT_UNROLL);
                // On x86 a failed LOCK CMPXCHG is still a fence; the axioms keep to the kernel's promise, which is
                // none.
                boolean fenced = name.equals("SB+failed-cas") && model == MemoryModel.TSO;
                if (!fenced
                        && axioms.run(test(name)).positive() > 0
                                != row.getValue().get(model)) {
                    wrong.add(name + ": " + model.label());
                }
            }
        }
        assertEquals(List.of(), wrong);
    }
}
