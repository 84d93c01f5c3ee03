package kemu.input;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A stream that fails with {@link TooLargeException} instead of giving more than so many bytes. */
public final class BoundedStream extends FilterInputStream {
    private final String what;
    private final long limit;
    private long left;

    /** At most {@code limit} bytes of {@code in}; {@code what} stands in the message. */
    public BoundedStream(InputStream in, String what, long limit) {
        super(in);
        this.what = what;
        this.limit = limit;
        this.left = limit;
    }

    @Override
    public int read() throws IOException {
        int b = super.read();
        if (b >= 0) {
            count(1);
        }
        return b;
    }

    @Override
    public int read(byte[] buffer, int from, int length) throws IOException {
        int n = super.read(buffer, from, length);
        if (n > 0) {
            count(n);
        }
        return n;
    }

    @Override
    public long skip(long n) throws IOException {
        long skipped = super.skip(n);
        count(skipped);
        return skipped;
    }

    /** Not supported: what is read twice would count twice. */
    @Override
    public boolean markSupported() {
        return false;
    }

    private void count(long n) throws TooLargeException {
        left -= n;
        if (left < 0) {
            throw new TooLargeException(what, limit);
        }
    }
}
