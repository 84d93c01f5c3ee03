package kemu.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A signal ends a verb with what it found so far, its SUMMARY and its files; a second one ends it at once. */
class SignalIT {
    @TempDir
    private Path folder;

    /** None of these ends by itself in the time it is given. */
    @ParameterizedTest
    @CsvSource({
        "INT,  run kbuild --duration 10m --out out, out/run.json out/report.html out/latency.hlog",
        "TERM, run kbuild --duration 10m --out out, out/run.json",
        "HUP,  run forkstorm --duration 10m --out out, out/run.json",
        "INT,  run pagefault --duration 10m --shape shared --out out, out/run.json",
        "TERM, run threads --duration 10m --out out, out/run.json",
        "INT,  run mlock-truncate --duration 10m --memory 64m --out out, out/run.json",
        "INT,  run mprotect --duration 10m --memory 64m --out out, out/run.json",
        "HUP,  run swap --duration 10m --memory 64m --out out, out/run.json",
        "INT,  run mix --duration 10m --memory 64m --out out, out/run.json",
        "TERM, run aim7 --duration 10m --memory 256m --out out, out/run.json",
        "INT,  check rmap-hang-child --model weak --search random --budget 10m, kemu-out/check.json",
        "TERM, check rmap-hang-child --model weak --search random --budget 10m, kemu-out/check.json",
        "HUP,  check rmap-hang-child --model weak --search random --budget 10m, kemu-out/check.json",
        "INT,  check all --model weak, ''",
        "TERM, check mutants, ''",
        "HUP,  litmus --generate generated --model all, ''",
        "INT,  bench, ''",
        "TERM, bench check, kemu-out/bench.json"
    })
    void shouldEndWithSummaryAndFiles(String signal, String command, String files) {
        try (Kemu kemu = Kemu.in(folder).run(command.split(" "))) {
            if (command.startsWith("run ")) {
                // Nothing is recorded before this one is there, and so nothing can be lost.
                kemu.awaitFile(folder.resolve("out/counters.jsonl"));
            }
            kemu.letWork(3_000).signal(signal);
            Kemu.Ended ended = kemu.ended().withCode(3).saying("kemu: SIG" + signal + ": end");
            assertEquals("UNKNOWN", ended.summary().get("verdict"));
            for (String file : files.split(" ")) {
                assertTrue(Files.exists(folder.resolve(file)), file);
            }
        }
    }

    @Test
    void shouldEndAtOnceAtTheSecond() {
        try (Kemu kemu = Kemu.in(folder).run("run", "kbuild", "--duration", "10m", "--copies", "8")) {
            // Both are waiting when it goes on, so that it cannot end by itself between them.
            kemu.awaitText("kemu ").signal("STOP").signal("INT").signal("TERM").signal("CONT");
            int code = kemu.ended().code();
            assertTrue(code == 130 || code == 143, "ended with " + code);
        }
    }

    @Test
    void shouldGoOnAfterAPause() {
        try (Kemu kemu = Kemu.in(folder).run("run", "kbuild", "--repeat", "30")) {
            kemu.awaitText("kemu ").letWork(300).signal("STOP").letWork(2_000).signal("CONT");
            assertEquals("PASS", kemu.ended().withCode(0).summary().get("verdict"));
        }
    }

    @ParameterizedTest
    @CsvSource({"INT, trace stat pipe", "TERM, trace import pipe -o x.ktrace", "HUP, run kbuild --trace pipe"})
    void shouldEndWhatHasNothingToReportYet(String signal, String command) throws Exception {
        // Opening a pipe that nobody writes to waits for ever.
        assertEquals(
                0,
                new ProcessBuilder("mkfifo", folder.resolve("pipe").toString())
                        .start()
                        .waitFor());
        try (Kemu kemu = Kemu.in(folder).run(command.split(" "))) {
            kemu.letWork(2_000).signal(signal);
            Kemu.Ended ended = kemu.ended().withCode(3).saying("SIG" + signal);
            assertEquals("UNKNOWN", ended.summary().get("verdict"));
            assertFalse(Files.exists(folder.resolve("x.ktrace")));
        }
    }

    @Test
    void shouldKeepItsVerdictWhenItsFolderIsDeleted() throws IOException {
        try (Kemu kemu = Kemu.in(folder).run("run", "kbuild", "--repeat", "30", "--out", "out")) {
            Path out = folder.resolve("out");
            kemu.awaitFile(out.resolve("counters.jsonl")).letWork(300);
            try (Stream<Path> files = Files.list(out)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(out);
            Kemu.Ended ended = kemu.ended().withCode(0);
            assertEquals("PASS", ended.summary().get("verdict"));
            assertFalse((ended.out() + ended.err()).contains("\tat "), ended::toString);
        }
    }

    /** The disk is full for one file at a time. */
    @ParameterizedTest
    @CsvSource({"schedule.kemu", "check.json", "report.html"})
    void shouldKeepItsVerdictWhenAFileCannotBeWritten(String name) throws IOException {
        Path out = Files.createDirectories(folder.resolve("kemu-out"));
        Files.createSymbolicLink(out.resolve(name), Path.of("/dev/full"));
        Kemu.Ended ended = Kemu.run(folder, "check", "rmap-hang-child", "--anon-vma", "root-reread")
                .withCode(1)
                .sayingOnly("kemu-out/" + name + ": not written: No space left on device");
        assertEquals("FAIL", ended.summary().get("verdict"));
    }
}
