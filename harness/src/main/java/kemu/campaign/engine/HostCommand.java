package kemu.campaign.engine;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import kemu.host.SafeFiles;
import kemu.option.UsageException;

/** Programs of the host, such as those of a cluster. */
final class HostCommand {
    private static final int NOT_STARTED = 127;
    private static final int NOT_ENDED = 124;

    private HostCommand() {}

    /**
     * How one ended.
     *
     * @param code its exit code
     * @param said what it printed, errors included
     */
    record Ended(int code, String said) {
        /** True if it did what it was asked. */
        boolean worked() {
            return code == 0;
        }

        /** The first line that says something. */
        String line() {
            return said.lines()
                    .filter(one -> !one.isBlank())
                    .findFirst()
                    .orElse("exit code " + code)
                    .strip();
        }
    }

    /** Throws {@link UsageException} unless all of {@code programs} are on PATH. */
    static void require(String engine, String... programs) {
        for (String program : programs) {
            if (!onPath(program)) {
                throw new UsageException(
                        "--engine: " + engine + " needs " + program + ", which is not on PATH (allowed here: "
                                + (engine.equals("slurm") || !onPath("sbatch") ? "local" : "local, slurm") + ")");
            }
        }
    }

    private static boolean onPath(String program) {
        String path = System.getenv().getOrDefault("PATH", "");
        for (String folder : path.split(File.pathSeparator)) {
            if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }

    /** Runs {@code command} to its end, or for {@code seconds}. */
    static Ended run(List<String> command, long seconds) throws InterruptedException {
        Path said = null;
        try {
            // To a file: a program that leaves children behind may never close a pipe.
            said = Files.createTempFile("kemu-campaign", ".txt");
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            process.getOutputStream().close();
            boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly();
            }
            String text = new String(Files.readAllBytes(said), StandardCharsets.UTF_8);
            return ended
                    ? new Ended(process.exitValue(), text)
                    : new Ended(NOT_ENDED, command.get(0) + " did not end within " + seconds + " s");
        } catch (IOException failed) {
            return new Ended(NOT_STARTED, command.get(0) + ": " + SafeFiles.reason(failed));
        } finally {
            delete(said);
        }
    }

    private static void delete(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException left) {
            // A small file among the temporary ones; the campaign is not worth less.
            return;
        }
    }
}
