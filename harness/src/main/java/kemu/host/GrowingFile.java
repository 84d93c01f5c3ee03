package kemu.host;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * A file that a run appends to while it goes on. What has been recorded is kept: on a full disk the file ends with a
 * whole piece, and what is missing is tried again; a file that was deleted is made again from the one still open.
 */
public final class GrowingFile implements AutoCloseable {
    /** Bytes kept for a disk that has no room; what comes after them is lost. */
    private static final int MOST_PENDING = 16 << 20;

    private static final int PIECE = 1 << 16;

    private final Path path;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private RandomAccessFile file;
    private String problem = "";

    /** Makes {@code path}, empty. */
    public GrowingFile(Path path) throws IOException {
        this.path = path;
        file = new RandomAccessFile(path.toFile(), "rw");
        if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            isAlone(file);
            file.setLength(0);
        }
    }

    private GrowingFile(Path path, RandomAccessFile file) {
        this.path = path;
        this.file = file;
    }

    /**
     * Goes on with {@code path}, behind its last whole line; what was cut off behind that goes.
     *
     * @throws IOException if it cannot be written, or another process is writing it
     */
    public static GrowingFile goingOn(Path path) throws IOException {
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
        try {
            if (!isAlone(file)) {
                throw new IOException("another process is writing it");
            }
            long end = file.length();
            // Ends at the beginning of the file, or behind a line.
            while (end > 0 && byteAt(file, end - 1) != '\n') {
                end--;
            }
            file.setLength(end);
            file.seek(end);
            return new GrowingFile(path, file);
        } catch (IOException failed) {
            file.close();
            throw failed;
        }
    }

    private static int byteAt(RandomAccessFile file, long at) throws IOException {
        file.seek(at);
        return file.read();
    }

    /** Locks {@code file} until it is closed; false if another process has. */
    private static boolean isAlone(RandomAccessFile file) {
        try {
            return file.getChannel().tryLock() != null;
        } catch (IOException | OverlappingFileLockException cannotTell) {
            return true;
        }
    }

    /** Takes what is to be appended by the next {@link #flush}. */
    public OutputStream stream() {
        return pending;
    }

    /** Appends what {@link #stream} has taken, all of it or nothing. */
    public void flush() {
        try {
            remakeIfDeleted();
            append(pending.toByteArray());
            pending.reset();
            problem = "";
        } catch (IOException failed) {
            problem = SafeFiles.reason(failed);
            if (pending.size() > MOST_PENDING) {
                pending.reset();
            }
        }
    }

    private void append(byte[] bytes) throws IOException {
        long end = file.getFilePointer();
        try {
            file.write(bytes);
        } catch (IOException failed) {
            cutAt(end, failed);
            throw failed;
        }
    }

    private void cutAt(long end, IOException failed) {
        try {
            file.setLength(end);
            file.seek(end);
        } catch (IOException cannot) {
            // A device has no length.
            failed.addSuppressed(cannot);
        }
    }

    private void remakeIfDeleted() throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Path folder = path.toAbsolutePath().getParent();
        Files.createDirectories(folder);
        long end = file.getFilePointer();
        RandomAccessFile again = new RandomAccessFile(path.toFile(), "rw");
        try {
            copy(again);
        } catch (IOException failed) {
            file.seek(end);
            again.close();
            Files.deleteIfExists(path);
            throw failed;
        }
        file.close();
        file = again;
    }

    private void copy(RandomAccessFile target) throws IOException {
        byte[] piece = new byte[PIECE];
        file.seek(0);
        // Ends with the file, which nobody appends to meanwhile.
        for (int count = file.read(piece); count > 0; count = file.read(piece)) {
            target.write(piece, 0, count);
        }
    }

    /** Why the file does not hold all that was recorded; empty if it does. */
    public String problem() {
        return problem;
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException failed) {
            problem = problem.isEmpty() ? SafeFiles.reason(failed) : problem;
        }
    }
}
