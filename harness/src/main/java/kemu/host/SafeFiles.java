package kemu.host;

import java.io.BufferedWriter;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Files that are there whole or not at all: each is written beside its place and moved there when it is complete. What
 * was there before stays until then, and a full disk leaves no half of a file.
 */
public final class SafeFiles {
    private static final String PARTIAL = ".partial";

    private SafeFiles() {}

    /** Writes to a stream. */
    @FunctionalInterface
    public interface Body {
        /** Writes all. The stream is not buffered; closing it does nothing but flush. */
        void write(OutputStream out) throws IOException;
    }

    /** Writes text in UTF-8. */
    @FunctionalInterface
    public interface Text {
        /** Writes all. Closing the writer does nothing but flush. */
        void write(BufferedWriter out) throws IOException;
    }

    /**
     * Writes {@code file}; folders above it are made.
     *
     * @throws IOException if it cannot be written whole; then what was there before is still there
     */
    public static void write(Path file, Body body) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        if (Files.exists(file) && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            // A device or a pipe, such as /dev/stdout, is written as it is: nothing can be moved there.
            whole(file, body);
            return;
        }
        Path partial = file.resolveSibling(file.getFileName() + PARTIAL);
        try {
            whole(partial, body);
            Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | RuntimeException | Error failed) {
            discard(partial, failed);
            throw failed;
        }
    }

    private static void whole(Path file, Body body) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            body.write(new FilterOutputStream(out) {
                @Override
                public void write(byte[] bytes, int from, int count) throws IOException {
                    out.write(bytes, from, count);
                }

                @Override
                public void close() throws IOException {
                    flush();
                }
            });
        } catch (UncheckedIOException wrapped) {
            throw wrapped.getCause();
        }
    }

    /** As {@link #write(Path, Body)}, through a writer. */
    public static void writeText(Path file, Text body) throws IOException {
        write(file, out -> {
            BufferedWriter writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8)) {
                @Override
                public void close() throws IOException {
                    flush();
                }
            };
            body.write(writer);
            writer.flush();
        });
    }

    /** As {@link #write(Path, Body)}, of one string. */
    public static void writeString(Path file, String text) throws IOException {
        write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static void discard(Path partial, Throwable failed) {
        try {
            Files.deleteIfExists(partial);
        } catch (IOException undeletable) {
            failed.addSuppressed(undeletable);
        }
    }

    /** Why a file could not be written or read, in words: half a line, without the name of the file. */
    public static String reason(IOException failed) {
        if (failed instanceof NoSuchFileException) {
            return "no such folder";
        }
        if (failed instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failed instanceof NotDirectoryException || failed instanceof FileAlreadyExistsException) {
            return "a file is in the place of a folder";
        }
        if (failed instanceof DirectoryNotEmptyException) {
            return "a folder is in the place of the file";
        }
        if (failed instanceof FileSystemException known && known.getReason() != null) {
            return known.getReason();
        }
        return String.valueOf(failed.getMessage()).lines().findFirst().orElse("");
    }
}
