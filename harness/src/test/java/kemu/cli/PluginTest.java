package kemu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import plugin.example.OwnLocking;
import plugin.example.Rogue;

/** Plugins that work, and plugins that do not: the fault is theirs, by name, and the rest goes on. */
class PluginTest {
    @TempDir
    private Path dir;

    private Path jar;
    private ClassLoader before;

    private record Ran(int code, String out, String err) {}

    @BeforeEach
    void buildJar() throws IOException {
        before = Thread.currentThread().getContextClassLoader();
        Rogue.over = false;
        jar = dir.resolve("plugin.jar");
        write(jar, "kemu.check.scenario.Scenario", Rogue.class.getName());
    }

    private static void write(Path jar, String... services) throws IOException {
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            for (int i = 0; i < services.length; i += 2) {
                out.putNextEntry(new JarEntry("META-INF/services/" + services[i]));
                out.write(services[i + 1].getBytes(StandardCharsets.UTF_8));
                out.closeEntry();
            }
        }
    }

    @AfterEach
    void putBack() {
        Rogue.over = true;
        Thread.currentThread().setContextClassLoader(before);
    }

    private Ran kemu(String... args) {
        PrintStream stdout = System.out;
        PrintStream stderr = System.err;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            int code = Main.execute(args);
            return new Ran(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(stdout);
            System.setErr(stderr);
        }
    }

    private Ran rogue(String variant) {
        return kemu(
                "check",
                "rogue",
                "--variant",
                variant,
                "--plugin",
                jar.toString(),
                "--budget",
                "300ms",
                "--out",
                dir.resolve("out").toString());
    }

    @Test
    void shouldCheckAScenarioThatBehaves() {
        Ran ran = rogue("behaves");
        assertEquals(0, ran.code, ran.out + ran.err);
        assertTrue(ran.out.contains("verdict=PASS"), ran.out);
        assertFalse(Rogue.holds());
    }

    @ParameterizedTest
    @CsvSource({
        "throws, UnsupportedOperationException: not my day",
        "loops, loops without touching memory at plugin.example.Rogue",
        "allocates, OutOfMemoryError",
        "throws-early, IllegalStateException: no scene today"
    })
    void shouldNameThePluginThatFails(String variant, String reason) {
        Ran ran = rogue(variant);
        assertEquals(1, ran.code, ran.out + ran.err);
        assertTrue(ran.out.contains("plugin scenario rogue ") && ran.out.contains(reason), ran.out + ran.err);
        assertTrue(ran.out.stripTrailing().endsWith("kind=plugin seed=1"), ran.out);
        assertFalse((ran.out + ran.err).contains("\tat "), "a stack trace");
    }

    @Test
    void shouldPrintTheRestOfTheMatrix() {
        Ran ran = kemu(
                "check",
                "all",
                "--plugin",
                jar.toString(),
                "--anon-vma",
                "root-recheck",
                "--variant",
                "throws",
                "--executions",
                "40",
                "--budget",
                "5s");
        assertEquals(1, ran.code, ran.out + ran.err);
        assertTrue(ran.out.matches("(?s).*rogue +throws .*plugin scenario rogue fails.*SUMMARY.*"), ran.out);
        assertTrue(ran.out.matches("(?s).*rmap-hang-root +root-recheck .*found.*"), ran.out);
    }

    @Test
    void shouldCheckAStrategyOfAnotherAuthor() throws IOException {
        write(jar, "kemu.mm.rmap.AnonVmaLockingProvider", OwnLocking.class.getName());
        Ran ran = kemu(
                "check",
                "rmap-hang-child",
                "--anon-vma",
                "own-locking",
                "--plugin",
                jar.toString(),
                "--out",
                dir.resolve("out").toString());
        assertEquals(0, ran.code, ran.out + ran.err);
    }

    @Test
    void shouldSayInOneLineWhatMakesAJarUseless() throws IOException {
        Path text = Files.writeString(dir.resolve("text.jar"), "no jar");
        Path empty = dir.resolve("empty.jar");
        write(empty, "java.lang.Runnable", "x.Y");
        Path missing = dir.resolve("missing.jar");
        write(missing, "kemu.check.scenario.Scenario", "no.such.Type");
        for (Path bad : new Path[] {text, empty, missing, dir.resolve("none.jar"), dir}) {
            Ran ran = kemu("check", "rmap-hang-child", "--plugin", bad.toString());
            assertEquals(2, ran.code, ran.err);
            assertEquals(1, ran.err.lines().count(), ran.err);
            assertTrue(ran.err.startsWith("kemu: plugin: "), ran.err);
        }
    }
}
