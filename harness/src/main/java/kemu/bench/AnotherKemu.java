package kemu.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import kemu.check.Plugins;
import kemu.host.JvmOptions;

/** kemu in a process of its own, started as this one was, whose files nobody wants. */
final class AnotherKemu {
    /**
     * How one ended.
     *
     * @param arguments what it was given
     * @param code its exit code
     * @param said what it printed
     * @param seconds from start to end
     */
    record Ended(List<String> arguments, int code, String said, double seconds) {
        /** The value of {@code key} in the summary. */
        double value(String key) {
            String start = key + "=";
            String summary = said.lines().reduce("", (before, line) -> line.startsWith("SUMMARY ") ? line : before);
            for (String word : summary.split(" ")) {
                if (word.startsWith(start)) {
                    return Double.parseDouble(word.substring(start.length()));
                }
            }
            throw unexpected();
        }

        RuntimeException unexpected() {
            RuntimeException plugin = Plugins.toldIn(said);
            return plugin != null
                    ? plugin
                    : new IllegalStateException(
                            "kemu " + String.join(" ", arguments) + " ended with " + code + ": " + said);
        }
    }

    private AnotherKemu() {}

    /** Runs kemu with {@code arguments}, and the plugins that are loaded here, and waits for its end. */
    static Ended run(List<String> arguments) {
        Path out = null;
        try {
            out = Files.createTempDirectory("kemu-bench");
            List<String> command = JvmOptions.kemu(option -> true);
            command.addAll(arguments);
            command.addAll(Plugins.asArguments());
            command.addAll(List.of("--out", out.toString()));
            long start = System.nanoTime();
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            byte[] said = process.getInputStream().readAllBytes();
            int code = process.waitFor();
            double seconds = (System.nanoTime() - start) / 1e9;
            return new Ended(arguments, code, new String(said, StandardCharsets.UTF_8), seconds);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopped);
        } finally {
            delete(out);
        }
    }

    private static void delete(Path folder) {
        if (folder == null) {
            return;
        }
        try (var paths = Files.walk(folder)) {
            for (Path one : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(one);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
