package kemu.it;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import kemu.tidy.Repo;

/** The launcher and the packaged jar in a folder without sources, so that a test never starts a build. */
final class Installation {
    private static Path launcher;

    private Installation() {}

    /** The launcher script. */
    static synchronized Path launcher() {
        if (launcher == null) {
            assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "no POSIX shell");
            Path target = Repo.root().resolve("harness/target");
            Path jar = target.resolve("kemu.jar");
            assumeTrue(Files.isRegularFile(jar), "not packaged: run by mvn verify");
            try {
                Path home = Files.createDirectories(target.resolve("it/kemu home"));
                Path to = Files.createDirectories(home.resolve("harness/target"));
                link(to.resolve("kemu.jar"), jar);
                link(to.resolve("lib"), target.resolve("lib"));
                launcher = Files.copy(
                        Repo.root().resolve("kemu"),
                        home.resolve("kemu"),
                        StandardCopyOption.REPLACE_EXISTING,
                        StandardCopyOption.COPY_ATTRIBUTES);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
        return launcher;
    }

    private static void link(Path link, Path to) throws IOException {
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, to);
    }
}
