package kemu.tidy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where the repository is: the nearest folder above the working directory that holds all four modules. */
public final class Repo {
    static final List<String> MODULES = List.of("hw", "rcu", "mm", "harness");

    private Repo() {}

    public static Path root() {
        Path dir = Path.of("").toAbsolutePath();
        while (dir != null && !isRoot(dir)) {
            dir = dir.getParent();
        }
        if (dir == null) {
            throw new IllegalStateException(
                    "not inside the repository: " + Path.of("").toAbsolutePath());
        }
        return dir;
    }

    /** The shipped Java sources of a module. */
    public static Stream<Path> sources(String module) {
        try (Stream<Path> all = Files.walk(root().resolve(module).resolve("src/main/java"))) {
            return all.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static boolean isRoot(Path dir) {
        return MODULES.stream().allMatch(m -> Files.isRegularFile(dir.resolve(m).resolve("pom.xml")));
    }
}
