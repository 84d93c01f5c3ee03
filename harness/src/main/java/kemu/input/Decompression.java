package kemu.input;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.MemoryLimitException;
import org.tukaani.xz.XZInputStream;

/** Streams that decompress, with bounds on what they keep and on what they give. */
public final class Decompression {
    /** Memory for the dictionary of an xz stream: twice what {@code xz -9} needs. */
    public static final int XZ_MEMORY_KIB = 130 << 10;

    private static final int BUFFER = 1 << 16;

    private Decompression() {}

    /** What the xz stream {@code in} holds, at most {@code limit} bytes. */
    public static InputStream xz(InputStream in, long limit) throws IOException {
        try {
            return new BoundedStream(new LimitedXz(in), "unpacked content", limit);
        } catch (MemoryLimitException e) {
            throw dictionary(e);
        }
    }

    /** What the gzip stream {@code in} holds, at most {@code limit} bytes. */
    public static InputStream gzip(InputStream in, long limit) throws IOException {
        return new BoundedStream(new GZIPInputStream(in, BUFFER), "unpacked content", limit);
    }

    private static IOException dictionary(MemoryLimitException e) {
        return new IOException("xz dictionary needs " + (e.getMemoryNeeded() >> 10) + " MiB (allowed: "
                + (XZ_MEMORY_KIB >> 10) + " MiB)");
    }

    /** The dictionary is known when the first block begins, which is while reading. */
    private static final class LimitedXz extends InputStream {
        private final XZInputStream in;

        LimitedXz(InputStream raw) throws IOException {
            in = new XZInputStream(raw, XZ_MEMORY_KIB);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int from, int length) throws IOException {
            try {
                return in.read(buffer, from, length);
            } catch (MemoryLimitException e) {
                throw dictionary(e);
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
