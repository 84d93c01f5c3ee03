package kemu.trace;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** The recordings that lie beside the repository, if they do. */
final class Shared {
    private Shared() {}

    /** {@code ../shared/traces/NAME} from the root of the repository; skips the test when it is not there. */
    static Path trace(String name) {
        Path root = Path.of("").toAbsolutePath();
        while (root != null && !Files.exists(root.resolve("kemu"))) {
            root = root.getParent();
        }
        assumeTrue(root != null, "repository root not found");
        Path file = root.resolveSibling("shared").resolve("traces").resolve(name);
        assumeTrue(Files.isReadable(file), "no recording at ../shared/traces/" + name);
        return file;
    }
}
