package kemu.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class PiecesProgressTest {
    @Test
    void shouldPrintALineNowAndThenWhenOffATerminal() throws InterruptedException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        try (PiecesProgress progress = new PiecesProgress(out, "litmus", "tests", 2, 10)) {
            progress.begun("a.litmus");
            progress.done("a.litmus");
            progress.begun("b.litmus");
            for (int i = 0; i < 500 && bytes.size() == 0; i++) {
                Thread.sleep(10);
            }
        }
        String text = bytes.toString(StandardCharsets.UTF_8);
        assertTrue(text.contains("1 of 2 tests, slowest now: b.litmus ("), text);
    }
}
