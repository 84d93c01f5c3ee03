package kemu.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One process of kemu, started by its launcher in a folder of its own. */
public final class Kemu implements AutoCloseable {
    /** Longest wait for a process or its output: reached only when a test fails. */
    private static final long PATIENCE_SECONDS = 300;

    private static final long POLL_MILLIS = 20;

    private final Process process;
    private final Path out;
    private final Path err;
    private final Path temporary;

    /** What a process has said, and the code it ended with. */
    public record Ended(int code, String out, String err) {
        /** The pairs of the last line of standard output. */
        public Map<String, String> summary() {
            String last = out.lines().reduce((one, other) -> other).orElse("");
            assertTrue(last.startsWith("SUMMARY "), this::toString);
            Map<String, String> pairs = new LinkedHashMap<>();
            for (String word : last.substring("SUMMARY ".length()).split(" ")) {
                int equals = word.indexOf('=');
                assertTrue(equals > 0, last);
                pairs.put(word.substring(0, equals), word.substring(equals + 1));
            }
            return pairs;
        }

        /** Asserts the exit code; what was said is the message. */
        public Ended withCode(int expected) {
            assertEquals(expected, code, this::toString);
            return this;
        }

        /** Asserts that standard error is one line that holds {@code part}, and no stack trace. */
        public Ended sayingOnly(String part) {
            assertEquals(1, err.lines().count(), this::toString);
            return saying(part);
        }

        /** Asserts that standard error holds {@code part}, and no stack trace. */
        public Ended saying(String part) {
            assertTrue(err.contains(part), this::toString);
            assertTrue(!err.contains("\tat "), this::toString);
            return this;
        }
    }

    private Kemu(Process process, Path out, Path err, Path temporary) {
        this.process = process;
        this.out = out;
        this.err = err;
        this.temporary = temporary;
    }

    /** How to start it. */
    public static final class Start {
        private final Path folder;
        private final Map<String, String> environment = new LinkedHashMap<>();
        private final List<String> around = new ArrayList<>();
        private String options = "";
        private File output;

        private Start(Path folder) {
            this.folder = folder;
        }

        /** With this variable. */
        Start with(String variable, String value) {
            environment.put(variable, value);
            return this;
        }

        /** With these JVM options, in KEMU_OPTS. */
        Start options(String more) {
            options = " " + more;
            return this;
        }

        /** With standard output to this file or device, instead of one that can be read afterwards. */
        Start output(String file) {
            output = new File(file);
            return this;
        }

        /** By a shell that first does {@code prelude}, such as {@code ulimit -n 16}. */
        Start after(String prelude) {
            around.addAll(List.of("/bin/sh", "-c", prelude + "; exec \"$0\" \"$@\""));
            return this;
        }

        /** Starts it. */
        public Kemu run(String... arguments) {
            try {
                // Numbered, so that several processes may share a folder.
                Path own = Files.createTempDirectory(folder, "process");
                Path temporary = Files.createDirectory(own.resolve("tmp"));
                List<String> command = new ArrayList<>(around);
                command.addAll(List.of("/bin/sh", Installation.launcher().toString()));
                command.addAll(List.of(arguments));
                ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
                builder.environment().put("KEMU_JAVA", System.getProperty("java.home"));
                builder.environment().put("KEMU_OPTS", "-Djava.io.tmpdir=" + temporary + options);
                builder.environment().putAll(environment);
                Path out = own.resolve("stdout");
                Path err = own.resolve("stderr");
                builder.redirectOutput(output == null ? out.toFile() : output);
                builder.redirectError(err.toFile());
                return new Kemu(builder.start(), out, err, temporary);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    /** A process in {@code folder}, where it also keeps what it says. */
    public static Start in(Path folder) {
        return new Start(folder);
    }

    /** Runs it to its end. */
    public static Ended run(Path folder, String... arguments) {
        try (Kemu kemu = in(folder).run(arguments)) {
            return kemu.ended();
        }
    }

    /** Waits for the end. No temporary file may be left. */
    public Ended ended() {
        try {
            assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), () -> "does not end: " + said());
            try (Stream<Path> left = Files.list(temporary)) {
                assertEquals(List.of(), left.toList(), "temporary files are left behind");
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
        return new Ended(process.exitValue(), read(out), read(err));
    }

    /** Waits until it has said {@code part} on standard output or error. */
    Kemu awaitText(String part) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!said().contains(part)) {
            assertTrue(System.nanoTime() < end && process.isAlive(), () -> "no '" + part + "' in: " + said());
            pause(POLL_MILLIS);
        }
        return this;
    }

    /** Waits until {@code file} is there. */
    Kemu awaitFile(Path file) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!Files.exists(file)) {
            assertTrue(System.nanoTime() < end && process.isAlive(), () -> "no " + file + ": " + said());
            pause(POLL_MILLIS);
        }
        return this;
    }

    /** Sends a signal by name, such as INT. The launcher has become the JVM: it is the same process. */
    Kemu signal(String name) {
        try {
            String pid = Long.toString(process.pid());
            assertEquals(0, new ProcessBuilder("kill", "-" + name, pid).start().waitFor(), "kill -" + name);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
        return this;
    }

    /** Lets it work for a while. Nothing may depend on how far it comes. */
    Kemu letWork(long millis) {
        pause(millis);
        return this;
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    private String said() {
        return read(out) + read(err);
    }

    private static String read(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.readString(file) : "";
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
