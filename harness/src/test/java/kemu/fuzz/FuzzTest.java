package kemu.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Inputs of every kind, a minute of them; see the package for more. */
class FuzzTest {
    private static final long INPUTS = Long.getLong("kemu.fuzz.inputs", 24_000);
    private static final long SEED = Long.getLong("kemu.fuzz.seed", 1);
    private static final long FIRST = Long.getLong("kemu.fuzz.first", 0);
    private static final List<String> KINDS =
            List.of(System.getProperty("kemu.fuzz.kinds", "").toLowerCase().split(","));

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void shouldAnswerWhateverIsRead(Kind kind) throws Exception {
        String name = kind.name().toLowerCase();
        if (!KINDS.contains("") && !KINDS.contains(name)) {
            return;
        }
        long count = Math.max(1, INPUTS * kind.perMille / 1000);
        try (Target target = kind.factory.in(folder)) {
            Fuzz fuzz = new Fuzz(name, target, SEED, Path.of("target", "fuzz"), Fuzz.LONGEST);
            List<String> violations = fuzz.run(FIRST, count);
            int[] codes = fuzz.codes();
            System.err.printf(
                    "fuzz: %-9s inputs=%d accepted=%d violation-found=%d refused=%d inconclusive=%d violations=%d%n",
                    name, count, codes[0], codes[1], codes[2], codes[3], violations.size());
            assertEquals("", String.join("\n", violations));
            assertTrue(Arrays.stream(codes).sum() == count);
            assertTrue(count < 100 || codes[0] > 0 && codes[2] > 0, "not all refused, nor all taken");
        }
    }
}
