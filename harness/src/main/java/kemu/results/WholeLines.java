package kemu.results;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** The whole lines of a file that a run appends to: a last line without its end, cut off by a kill, is left out. */
final class WholeLines {
    private static final int STEP = 1 << 16;

    private WholeLines() {}

    /** Whether {@code file} is there to be read: a file, or a link to one; no device. */
    static boolean isThere(Path file) {
        return Files.isRegularFile(file);
    }

    /** The lines as they are now; what is appended later is not seen. */
    static InputStream of(Path file) throws IOException {
        long end = end(file);
        return new FilterInputStream(new BufferedInputStream(Files.newInputStream(file))) {
            private long left = end;

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int from, int count) throws IOException {
                int most = (int) Math.min(left, count);
                if (most == 0 && count != 0) {
                    return -1;
                }
                int got = in.read(bytes, from, most);
                left -= Math.max(0, got);
                return got;
            }
        };
    }

    /** Bytes up to the end of the last whole line. */
    private static long end(Path file) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r")) {
            byte[] piece = new byte[STEP];
            // Ends at the beginning of the file.
            for (long at = bytes.length(); at > 0; ) {
                int count = (int) Math.min(STEP, at);
                at -= count;
                bytes.seek(at);
                bytes.readFully(piece, 0, count);
                for (int i = count - 1; i >= 0; i--) {
                    if (piece[i] == '\n') {
                        return at + i + 1;
                    }
                }
            }
            return 0;
        }
    }
}
