package kemu.trace.store;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.zip.CRC32C;
import kemu.input.Decompression;
import kemu.trace.model.Trace;
import kemu.trace.model.TraceException;
import kemu.trace.strace.LogInput;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/**
 * Compact trace file: eight bytes of magic, version (4), tasks (4), ops (8), length of the content (8) and its CRC-32C
 * (4), all big-endian, then the content compressed with xz. The checksum covers the content before compression.
 */
public final class TraceFile {
    /** First bytes of a compact trace. */
    private static final byte[] MAGIC = "KTRACE\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final int VERSION = 1;
    private static final int PRESET = 4;
    /** Most bytes of content; a tinyconfig build of a kernel has 6 MiB. */
    private static final int LARGEST_CONTENT = 256 << 20;
    /** What one op takes of the heap, copies while reading included, at the least. */
    private static final int BYTES_PER_OP = 34;

    private TraceFile() {}

    /** Whether the file begins like a compact trace; false for anything unreadable. */
    public static boolean isOne(Path file) throws TraceException {
        try (InputStream in = LogInput.openRaw(file)) {
            return Arrays.equals(in.readNBytes(MAGIC.length), MAGIC);
        } catch (IOException e) {
            throw new TraceException(file.toString(), 0, LogInput.reason(e));
        }
    }

    /** Writes the trace; the file appears only when it is complete. */
    public static void write(Trace trace, Path file) throws IOException {
        VarBytes content = TraceCodec.encode(trace);
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part))) {
                DataOutputStream header = new DataOutputStream(out);
                header.write(MAGIC);
                header.writeInt(VERSION);
                header.writeInt(trace.procCount());
                header.writeLong(ops(trace));
                header.writeLong(content.length());
                header.writeInt(checksum(content.array(), content.length()));
                header.flush();
                try (XZOutputStream xz = new XZOutputStream(out, new LZMA2Options(PRESET))) {
                    xz.write(content.array(), 0, content.length());
                }
            }
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Reads what {@link #write} wrote. */
    public static Trace read(Path file) throws TraceException {
        try (InputStream in = LogInput.openRaw(file)) {
            DataInputStream header = new DataInputStream(in);
            if (!Arrays.equals(header.readNBytes(MAGIC.length), MAGIC)) {
                throw new IOException("not a compact trace");
            }
            int version = header.readInt();
            if (version != VERSION) {
                throw new IOException("version " + version + ", this program reads version " + VERSION);
            }
            int procs = header.readInt();
            long ops = header.readLong();
            long length = header.readLong();
            int crc = header.readInt();
            if (length < 0 || length > LARGEST_CONTENT) {
                throw new IOException("content length " + length + " out of range (allowed: " + LARGEST_CONTENT + ")");
            }
            if (ops < 0 || ops > Runtime.getRuntime().maxMemory() / BYTES_PER_OP) {
                throw new IOException(ops + " ops do not fit into the "
                        + (Runtime.getRuntime().maxMemory() >> 20) + " MiB of this JVM");
            }
            byte[] bytes;
            try (InputStream xz = Decompression.xz(in, LARGEST_CONTENT)) {
                bytes = xz.readNBytes((int) length);
                if (bytes.length != length || xz.read() >= 0) {
                    throw new IOException("content is not as long as the header says");
                }
            }
            if (checksum(bytes, bytes.length) != crc) {
                throw new IOException("checksum differs");
            }
            Trace trace = TraceCodec.decode(file.toString(), new VarBytes(bytes, bytes.length), ops);
            if (trace.procCount() != procs || ops(trace) != ops) {
                throw new IOException("counts differ from the header");
            }
            return trace;
        } catch (IOException e) {
            throw new TraceException(file.toString(), 0, "damaged compact trace: " + reason(e));
        }
    }

    private static String reason(IOException e) {
        return e instanceof java.io.EOFException ? "it is cut off" : String.valueOf(e.getMessage());
    }

    private static long ops(Trace trace) {
        long n = 0;
        for (int i = 0; i < trace.procCount(); i++) {
            n += trace.proc(i).program().size();
        }
        return n;
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
