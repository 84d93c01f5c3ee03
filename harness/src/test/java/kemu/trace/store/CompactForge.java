package kemu.trace.store;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.CRC32C;
import kemu.trace.model.Trace;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Compact files whose checksum is right whatever is in them. */
public final class CompactForge {
    private CompactForge() {}

    /** The content of a compact file of {@code trace}. */
    public static byte[] content(Trace trace) {
        VarBytes bytes = TraceCodec.encode(trace);
        return Arrays.copyOf(bytes.array(), bytes.length());
    }

    /** Ops of all tasks. */
    public static long ops(Trace trace) {
        long n = 0;
        for (int i = 0; i < trace.procCount(); i++) {
            n += trace.proc(i).program().size();
        }
        return n;
    }

    /** A number as the content holds it. */
    public static byte[] number(long value) {
        VarBytes bytes = new VarBytes();
        bytes.putUnsigned(value);
        return Arrays.copyOf(bytes.array(), bytes.length());
    }

    /** What reading a file makes of that content; the file need not be there. */
    public static Trace read(byte[] content, long ops) throws IOException {
        return TraceCodec.decode("content", new VarBytes(content, content.length), ops);
    }

    /** A file with that content, checksum and length, and these counts. */
    public static byte[] file(byte[] content, int tasks, long ops) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CRC32C crc = new CRC32C();
        crc.update(content);
        DataOutputStream header = new DataOutputStream(bytes);
        header.writeBytes("KTRACE\r\n");
        header.writeInt(1);
        header.writeInt(tasks);
        header.writeLong(ops);
        header.writeLong(content.length);
        header.writeInt((int) crc.getValue());
        LZMA2Options fast = new LZMA2Options(0);
        fast.setDictSize(LZMA2Options.DICT_SIZE_MIN);
        try (XZOutputStream xz = new XZOutputStream(bytes, fast)) {
            xz.write(content);
        }
        return bytes.toByteArray();
    }
}
