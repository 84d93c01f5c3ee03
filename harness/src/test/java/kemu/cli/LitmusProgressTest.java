package kemu.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LitmusProgressTest {
    @Test
    void shouldPrintALineNowAndThenWhenOffATerminal() throws InterruptedException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        try (LitmusProgress progress = new LitmusProgress(out, List.of(Path.of("a.litmus"), Path.of("b.litmus")), 10)) {
            progress.begun(Path.of("a.litmus"));
            progress.judged(Path.of("a.litmus"));
            progress.begun(Path.of("b.litmus"));
            for (int i = 0; i < 500 && bytes.size() == 0; i++) {
                Thread.sleep(10);
            }
        }
        String text = bytes.toString(StandardCharsets.UTF_8);
        assertTrue(text.contains("1 of 2 tests, slowest now: b.litmus ("), text);
    }
}
