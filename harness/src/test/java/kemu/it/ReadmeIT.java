package kemu.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every command of the README does what it says, in the order of its table and in one folder, as a reader goes. */
class ReadmeIT {
    @TempDir
    private static Path folder;

    @TestFactory
    List<DynamicTest> shouldWorkAsTyped() throws IOException {
        ReadmeCommands.files(folder);
        List<DynamicTest> tests = new ArrayList<>();
        for (String command : ReadmeCommands.all()) {
            tests.add(DynamicTest.dynamicTest(command, () -> {
                Kemu.Ended ended =
                        Kemu.run(folder, ReadmeCommands.shortened(command).toArray(new String[0]));
                assertTrue(allowed(command).contains(ended.code()), ended::toString);
                assertTrue(!(ended.out() + ended.err()).contains("\tat "), ended::toString);
                assertTrue(!ended.out().contains("NaN"), ended::toString);
                if (command.startsWith("./kemu list")) {
                    assertTrue(ended.out().lines().count() > 10, ended::toString);
                } else {
                    assertEquals(command.split(" ")[1], ended.summary().get("verb"));
                }
            }));
        }
        return tests;
    }

    @Test
    void shouldFindTheTable() throws IOException {
        List<String> commands = ReadmeCommands.all();
        assertTrue(commands.size() >= 18, commands::toString);
        for (String verb : List.of(
                "run", "report", "compare", "merge", "check", "replay", "inspect", "litmus", "bench", "trace")) {
            assertTrue(commands.stream().anyMatch(one -> one.startsWith("./kemu " + verb + " ") || one.endsWith(verb)));
        }
    }

    /** Exit codes that a row may end with. */
    private static Set<Integer> allowed(String command) {
        if (command.startsWith("./kemu check all") || command.startsWith("./kemu check bugs")) {
            return Set.of(0, 3);
        }
        if (command.startsWith("./kemu check mutants")) {
            // Cut short, a mutant may show a lesser sign than the listed one; BarrierTableTest runs them in full.
            return Set.of(0, 3);
        }
        if (command.contains("--search random")) {
            return Set.of(3);
        }
        if (command.contains("--duration 1h --anon-vma root-reread")) {
            return Set.of(0, 1);
        }
        boolean convicts = Stream.of(
                        "check rmap-hang-child --anon-vma root-reread",
                        "check rmap-vma-adjust --variant none",
                        " replay ",
                        "per-vma-refcount-6.15",
                        "munlock-on-zap",
                        "per-vma-lock-6.4.2")
                .anyMatch(command::contains);
        return convicts ? Set.of(1) : Set.of(0);
    }

    /** What the quick run of the table leaves out: benchmarks in JVMs of their own. */
    @Test
    void shouldMeasureInJvmsOfItsOwn() {
        Kemu.Ended ended = Kemu.run(folder, "bench", "plainRead").withCode(0);
        assertTrue(Double.parseDouble(ended.summary().get("plainRead_ratio")) > 0, ended::toString);
        assertTrue(!ended.out().contains("NaN"), ended::toString);
    }
}
