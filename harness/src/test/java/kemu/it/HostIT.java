package kemu.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the host does not give is one line that names the limit, and never the exit code of a violation. */
class HostIT {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "-Xmx40m, heap of",
        "-XX:MaxDirectMemorySize=10m, this host allows at most",
        "-Xmx900000g, the JVM does not start",
        "-Xbogus, the JVM does not start: Unrecognized option: -Xbogus"
    })
    void shouldNameTheLimitOfTheJvm(String options, String limit) {
        try (Kemu kemu = Kemu.in(folder).options(options).run("run", "kbuild")) {
            kemu.ended().withCode(70).sayingOnly(limit);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ulimit -v 1000000, ulimit -v is 1000000 KiB",
        "ulimit -v 3000000, out of memory: the host gives no more",
        "ulimit -n 16, the limit of open files is 16"
    })
    void shouldNameTheLimitOfTheShell(String limit, String line) {
        try (Kemu kemu = Kemu.in(folder).after(limit).run("run", "kbuild")) {
            kemu.ended().withCode(70).sayingOnly(line);
        }
    }

    @Test
    void shouldTakeTheCollectorOfTheUser() {
        try (Kemu kemu = Kemu.in(folder)
                .options("-XX:+UseParallelGC -Xlog:gc:file=gc.txt")
                .run("list", "models")) {
            kemu.ended().withCode(0);
        }
        assertTrue(read("gc.txt").contains("Using Parallel"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"list scenarios", "check rmap-hang-child", "trace stat", "litmus MP.litmus --model sc"})
    void shouldNotPassWhenTheOutputIsLost(String command) throws IOException {
        ReadmeCommands.files(folder);
        try (Kemu kemu = Kemu.in(folder).output("/dev/full").run(command.split(" "))) {
            kemu.ended().withCode(70).sayingOnly("standard output cannot be written (No space left on device)");
        }
    }

    @Test
    void shouldStopTheMatrixWhenNobodyReads() throws IOException {
        Path script = Files.writeString(folder.resolve("head.sh"), "\"$@\" check all --model tso | head -n 2\n");
        Process shell = new ProcessBuilder(
                        "/bin/sh",
                        script.toString(),
                        "/bin/sh",
                        Installation.launcher().toString())
                .directory(folder.toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
        assertEquals(
                2,
                new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .count());
        assertTrue(read("err").contains("standard output cannot be written (Broken pipe)"), read("err"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"check rmap-hang-child --out file", "bench check --quick --out file"})
    void shouldSayInOneLineThatAFileIsInTheWay(String command) throws IOException {
        Files.createFile(folder.resolve("file"));
        Kemu.Ended ended = Kemu.run(folder, command.split(" "));
        assertTrue(ended.code() != 0 && ended.code() != 1, ended::toString);
        assertFalse(ended.err().contains("\tat "), ended::toString);
        assertTrue(ended.err().contains("file"), ended::toString);
    }

    private String read(String name) {
        try {
            return Files.readString(folder.resolve(name));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
