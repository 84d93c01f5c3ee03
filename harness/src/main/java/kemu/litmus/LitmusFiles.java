package kemu.litmus;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import kemu.host.SafeFiles;
import kemu.host.Stop;

/** The tests named on the command line. */
public final class LitmusFiles {
    private LitmusFiles() {}

    /** Files as given; of a directory every {@code *.litmus} below it, sorted. */
    public static List<Path> find(List<Path> given) throws IOException {
        return find(given, line -> {});
    }

    /** As {@link #find(List)}; {@code skipped} is told, in one line each, which folders cannot be read. */
    public static List<Path> find(List<Path> given, Consumer<String> skipped) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path path : given) {
            if (Files.isDirectory(path)) {
                List<Path> below = new ArrayList<>();
                Files.walkFileTree(path, new Visitor(below, skipped));
                below.stream().sorted().forEach(files::add);
            } else {
                files.add(path);
            }
        }
        return files;
    }

    private static final class Visitor extends SimpleFileVisitor<Path> {
        private final List<Path> found;
        private final Consumer<String> skipped;

        Visitor(List<Path> found, Consumer<String> skipped) {
            this.found = found;
            this.skipped = skipped;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".litmus") && Files.isRegularFile(file)) {
                found.add(file);
            }
            return Stop.requested() ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failed) {
            skipped.accept(file + ": cannot be read: " + SafeFiles.reason(failed));
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, IOException failed) {
            if (failed != null) {
                skipped.accept(directory + ": cannot be read: " + SafeFiles.reason(failed));
            }
            return FileVisitResult.CONTINUE;
        }
    }
}
