package kemu.trace.store;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing array of variable-length integers, written first and read later. */
final class VarBytes {
    /** Longest name or path, in bytes. */
    static final int MAX_STRING = 1 << 16;

    private static final long LARGEST = Long.MAX_VALUE >> 1;

    private byte[] bytes;
    private int end;
    private int pos;

    VarBytes() {
        this(new byte[1 << 16], 0);
    }

    VarBytes(byte[] bytes, int end) {
        this.bytes = bytes;
        this.end = end;
    }

    byte[] array() {
        return bytes;
    }

    int length() {
        return end;
    }

    boolean exhausted() {
        return pos == end;
    }

    void putByte(int b) {
        if (end == bytes.length) {
            bytes = Arrays.copyOf(bytes, bytes.length * 2);
        }
        bytes[end++] = (byte) b;
    }

    /** Seven bits a byte, low ones first; negative numbers take ten bytes. */
    void putUnsigned(long v) {
        while ((v & ~0x7fL) != 0) {
            putByte((int) (v & 0x7f | 0x80));
            v >>>= 7;
        }
        putByte((int) v);
    }

    /** Small magnitudes of either sign are short. */
    void putSigned(long v) {
        putUnsigned(v << 1 ^ v >> 63);
    }

    void putString(String s) {
        byte[] b = s.getBytes(StandardCharsets.UTF_8);
        putUnsigned(b.length);
        for (byte x : b) {
            putByte(x);
        }
    }

    int getByte() throws IOException {
        if (pos >= end) {
            throw new EOFException("content ends early");
        }
        return bytes[pos++];
    }

    long getUnsigned() throws IOException {
        long v = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int b = getByte();
            v |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return v;
            }
        }
        throw new IOException("number of more than ten bytes");
    }

    long getSigned() throws IOException {
        long v = getUnsigned();
        return v >>> 1 ^ -(v & 1);
    }

    /** A number that must lie in {@code [min, max]}. */
    int getInt(int min, int max, String what) throws IOException {
        long v = getSigned();
        if (v < min || v > max) {
            throw new IOException(what + " " + v + " out of range");
        }
        return (int) v;
    }

    /** A size or time: neither negative nor so large that a sum of two could be. */
    long getPositive(String what) throws IOException {
        long v = getUnsigned();
        if (v < 0 || v > LARGEST) {
            throw new IOException(what + " out of range");
        }
        return v;
    }

    /** A count of at most {@code most}, nor larger than what is left, each element taking at least a byte. */
    int getCount(String what, int most) throws IOException {
        long v = getUnsigned();
        if (v < 0 || v > end - pos || v > most) {
            throw new IOException("number of " + what + " out of range");
        }
        return (int) v;
    }

    String getString() throws IOException {
        int n = getCount("characters", MAX_STRING);
        String s = new String(bytes, pos, n, StandardCharsets.UTF_8);
        pos += n;
        return s;
    }
}
