package kemu.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A signal ends a verb with what it found so far, its SUMMARY and its files; a second one ends it at once. */
class SignalIT {
    /** Long enough that nothing here ends by itself. */
    private static final String LONG = "10m";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM", "HUP"})
    void shouldEndCheckWithItsSummary(String signal) {
        try (Kemu kemu = Kemu.in(folder)
                .run("check", "rmap-hang-child", "--model", "weak", "--search", "random", "--budget", LONG)) {
            kemu.awaitText("kemu ").letWork(500).signal(signal);
            Kemu.Ended ended = kemu.ended().withCode(3).sayingOnly("SIG" + signal);
            assertEquals("UNKNOWN", ended.summary().get("verdict"));
            assertTrue(Files.isRegularFile(folder.resolve("kemu-out/check.json")));
        }
    }

    @Test
    void shouldEndAtOnceAtTheSecond() {
        try (Kemu kemu = Kemu.in(folder).run("run", "kbuild", "--duration", LONG, "--copies", "8")) {
            // Both are waiting when it goes on, so that it cannot end by itself between them.
            kemu.awaitText("kemu ").signal("STOP").signal("INT").signal("TERM").signal("CONT");
            int code = kemu.ended().code();
            assertTrue(code == 130 || code == 143, "ended with " + code);
        }
    }

    @Test
    void shouldEndWhatHasNothingToReportYet() {
        try (Kemu kemu = Kemu.in(folder).run("trace", "stat", "/dev/stdin")) {
            kemu.letWork(1_000).signal("TERM");
            Kemu.Ended ended = kemu.ended().withCode(3).sayingOnly("SIGTERM");
            assertEquals("UNKNOWN", ended.summary().get("verdict"));
        }
    }
}
