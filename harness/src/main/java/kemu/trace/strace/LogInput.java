package kemu.trace.strace;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import kemu.input.BoundedStream;
import kemu.input.Decompression;
import kemu.input.TooLargeException;
import kemu.trace.model.TraceException;

/**
 * Opens a text file that may be compressed: gzip and xz are told by their first bytes, a name that says otherwise is an
 * error.
 */
public final class LogInput {
    private static final int PEEK = 6;
    private static final int BUFFER = 1 << 16;
    /** Most text in one log, unpacked: seventy times a tinyconfig build of a kernel. */
    private static final long LARGEST_LOG = 4L << 30;

    private LogInput() {}

    /**
     * Opens for reading.
     *
     * @throws TraceException if there is no such file, it is a directory, empty, or compressed in another way than its
     *     name says
     */
    public static InputStream open(Path file) throws TraceException {
        return unpacked(file.toString(), openRaw(file));
    }

    /** As {@link #open}, from a stream, whose name is {@code name} in messages and says nothing of its form. */
    public static InputStream of(InputStream in, String name) throws TraceException {
        return unpacked(name, new BufferedInputStream(in, BUFFER));
    }

    private static InputStream unpacked(String name, InputStream raw) throws TraceException {
        try {
            byte[] head = new byte[PEEK];
            raw.mark(PEEK);
            int n = raw.readNBytes(head, 0, PEEK);
            raw.reset();
            return decompress(name, raw, kind(head, n), n);
        } catch (IOException e) {
            throw new TraceException(name, 1, reason(e));
        }
    }

    /** The bytes as they are, buffered so that at least {@code PEEK} bytes can be marked. */
    public static InputStream openRaw(Path file) throws TraceException {
        String name = file.toString();
        if (Files.isDirectory(file)) {
            throw new TraceException(name, 0, "is a directory, not a trace");
        }
        try {
            return new BufferedInputStream(Files.newInputStream(file), BUFFER);
        } catch (NoSuchFileException e) {
            throw new TraceException(name, 0, "no such file");
        } catch (AccessDeniedException e) {
            throw new TraceException(name, 0, "permission denied");
        } catch (IOException e) {
            throw new TraceException(name, 0, reason(e));
        }
    }

    private static InputStream decompress(String file, InputStream raw, String kind, int length)
            throws IOException, TraceException {
        String name = file.toLowerCase(Locale.ROOT);
        String named = name.endsWith(".xz") ? "xz" : name.endsWith(".gz") ? "gzip" : "";
        if (length == 0) {
            throw new TraceException(file, 1, "empty file");
        }
        if (!named.isEmpty() && !named.equals(kind)) {
            throw new TraceException(
                    file, 1, "named ." + (named.equals("xz") ? "xz" : "gz") + " but not " + named + " inside");
        }
        return switch (kind) {
            case "xz" -> Decompression.xz(raw, LARGEST_LOG);
            case "gzip" -> Decompression.gzip(raw, LARGEST_LOG);
            case "" -> new BoundedStream(raw, "text", LARGEST_LOG);
            default -> throw new TraceException(file, 1, "compressed with " + kind + ", only gzip and xz are read");
        };
    }

    private static String kind(byte[] b, int n) {
        if (n >= 6 && (b[0] & 0xff) == 0xfd && b[1] == '7' && b[2] == 'z' && b[3] == 'X' && b[4] == 'Z' && b[5] == 0) {
            return "xz";
        }
        if (n >= 2 && b[0] == 0x1f && (b[1] & 0xff) == 0x8b) {
            return "gzip";
        }
        if (n >= 3 && b[0] == 'B' && b[1] == 'Z' && b[2] == 'h') {
            return "bzip2";
        }
        if (n >= 4 && b[0] == 'P' && b[1] == 'K' && b[2] == 3 && b[3] == 4) {
            return "zip";
        }
        if (n >= 4 && b[0] == 0x28 && (b[1] & 0xff) == 0xb5 && b[2] == 0x2f && (b[3] & 0xff) == 0xfd) {
            return "zstd";
        }
        return "";
    }

    /** One line for an I/O failure, whatever the library says. */
    public static String reason(IOException e) {
        String m = e.getMessage();
        if (e instanceof java.io.EOFException) {
            return "compressed data is cut off";
        }
        if (e instanceof TooLargeException) {
            return m;
        }
        String what =
                m == null ? e.getClass().getSimpleName() : m.lines().findFirst().orElse("");
        return "cannot be read: " + what;
    }
}
