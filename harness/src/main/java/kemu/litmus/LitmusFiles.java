package kemu.litmus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The tests named on the command line. */
public final class LitmusFiles {
    private LitmusFiles() {}

    /** Files as given; of a directory every {@code *.litmus} below it, sorted. */
    public static List<Path> find(List<Path> given) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path path : given) {
            if (Files.isDirectory(path)) {
                try (Stream<Path> below = Files.walk(path)) {
                    below.filter(p -> p.toString().endsWith(".litmus") && Files.isRegularFile(p))
                            .sorted()
                            .forEach(files::add);
                }
            } else {
                files.add(path);
            }
        }
        return files;
    }
}
