package kemu.trace.strace;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import kemu.input.TooLargeException;

/** Hands out lines of a stream as ranges of one reused buffer. */
public final class LineReader implements Closeable {
    private static final int CHUNK = 1 << 18;
    /** Most bytes in a line; strace -v -s 65536 stays far below. */
    static final int LONGEST = 16 << 20;

    private final InputStream in;
    private byte[] buffer = new byte[CHUNK];
    private int filled;
    private int next;
    private int start;
    private int end;
    private long line;
    private boolean terminated;

    /** Takes over the stream. */
    public LineReader(InputStream in) {
        this.in = in;
    }

    /** Moves to the next line; false at the end. The previous line's bytes are gone. */
    public boolean advance() throws IOException {
        start = next;
        int scan = next;
        while (true) {
            int eol = indexOfNewline(scan);
            if (eol >= 0) {
                end = eol;
                next = eol + 1;
                terminated = true;
                line++;
                return true;
            }
            scan = filled - start;
            if (!fill()) {
                end = filled;
                next = filled;
                terminated = false;
                if (end > start) {
                    line++;
                    return true;
                }
                return false;
            }
        }
    }

    /** Buffer holding the line. */
    public byte[] buffer() {
        return buffer;
    }

    /** First byte of the line. */
    public int start() {
        return start;
    }

    /** One past its last byte, newline excluded. */
    public int end() {
        return end;
    }

    /** Number of this line, 1-based. */
    public long line() {
        return line;
    }

    /** Whether it ended with a newline; only the last line may not. */
    public boolean terminated() {
        return terminated;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private int indexOfNewline(int from) {
        byte[] b = buffer;
        int n = filled;
        for (int i = from; i < n; i++) {
            if (b[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** Moves the partial line to the front and reads more; a line longer than the buffer makes it grow. */
    private boolean fill() throws IOException {
        int kept = filled - start;
        if (start > 0) {
            System.arraycopy(buffer, start, buffer, 0, kept);
            start = 0;
            filled = kept;
        } else if (filled == buffer.length) {
            if (filled >= LONGEST) {
                throw new TooLargeException("one line", LONGEST);
            }
            buffer = Arrays.copyOf(buffer, buffer.length * 2);
        }
        int n = in.read(buffer, filled, buffer.length - filled);
        if (n <= 0) {
            return false;
        }
        filled += n;
        return true;
    }
}
