package kemu.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import kemu.workload.Counts;
import org.junit.jupiter.api.Test;

class ProgressTest {
    @Test
    void shouldSayHowFarHowFastHowLargeAndSinceWhenNothingMoves() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Counts counts = new Counts();
        counts.processes.add(12);
        try (Progress progress = new Progress(new PrintStream(bytes, true, StandardCharsets.UTF_8), "kbuild", true)) {
            progress.update(counts, 0.1, 2_000, 5_000);
            progress.update(counts, 0.25, 30_000, 15_000);
            progress.update(counts, 0.3, 30_000, 20_000);
            progress.update(counts, 0.75, 30_000, 45_000);
        }
        List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals(2, lines.size(), lines::toString);
        assertTrue(
                lines.get(0).startsWith("kemu: kbuild 15s elapsed, 25 %, 12 processes, 2000 faults/s"), lines.get(0));
        assertTrue(lines.get(0).endsWith("last progress 0 s ago"), lines.get(0));
        assertTrue(lines.get(1).startsWith("kemu: kbuild 45s elapsed, 75 %, 12 processes, 0 faults/s"), lines.get(1));
        assertTrue(lines.get(1).endsWith("last progress 30 s ago"), lines.get(1));
    }
}
