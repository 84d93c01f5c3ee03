package kemu.hw.mem;

import org.agrona.UnsafeApi;

/**
 * Physical memory whose contents repeat: a frame is filled with a pattern when it is first accessed, so that even a
 * read of memory that nobody has written gives the same on every run. Knows which frames were accessed, and hashes
 * them.
 */
public final class TouchedFrames {
    /** What a frame holds before anything is written to it. */
    public static final byte UNWRITTEN = 0x5a;

    private static final long HASH_SEED = 0x9e3779b97f4a7c15L;
    private static final long HASH_FACTOR = 0xff51afd7ed558ccdL;

    private final PhysMem memory;
    private final boolean[] touched;
    private UndoLog undo;

    /** No frame of {@code memory} has been accessed yet. */
    public TouchedFrames(PhysMem memory) {
        this.memory = memory;
        this.touched = new boolean[(int) (memory.sizeBytes() >>> PhysMem.PAGE_SHIFT)];
    }

    /** As {@link PhysMem#host}. */
    public long host(long address, int width) {
        long host = memory.host(address, width);
        if (!touched[(int) (address >>> PhysMem.PAGE_SHIFT)]) {
            touch(address);
        }
        return host;
    }

    /** As {@link #host}, for an access that writes. */
    public long store(long address, int width) {
        long host = host(address, width);
        if (undo != null) {
            undo.note(address);
        }
        return host;
    }

    /** The {@code width} bytes at {@code address}, 4 or 8, as they are in memory. */
    public long load(long address, int width) {
        long host = host(address, width);
        return width == 8 ? UnsafeApi.getLong(null, host) : UnsafeApi.getInt(null, host);
    }

    /** Writes the {@code width} bytes at {@code address}, 4 or 8. */
    public void put(long address, int width, long value) {
        if (width == 8) {
            UnsafeApi.putLong(null, store(address, 8), value);
        } else {
            UnsafeApi.putInt(null, store(address, 4), (int) value);
        }
    }

    /** From now on {@code log} notes what is written; null for nothing. */
    public void attach(UndoLog log) {
        undo = log;
    }

    /** Must be called before somebody else than the CPUs writes the frame at {@code frame}. */
    public void beforeWrite(long frame) {
        host(frame, PhysMem.PAGE_SIZE);
        if (undo != null) {
            undo.noteFrame(frame);
        }
    }

    private void touch(long address) {
        long frame = address & -PhysMem.PAGE_SIZE;
        touched[(int) (frame >>> PhysMem.PAGE_SHIFT)] = true;
        UnsafeApi.setMemory(memory.host(frame, PhysMem.PAGE_SIZE), PhysMem.PAGE_SIZE, UNWRITTEN);
    }

    /** Fills the frame at {@code frame} with zero bytes. */
    public void clearFrame(long frame) {
        beforeWrite(frame);
        UnsafeApi.setMemory(host(frame, PhysMem.PAGE_SIZE), PhysMem.PAGE_SIZE, (byte) 0);
    }

    /** Copies the frame at {@code from} over the frame at {@code to}. */
    public void copyFrame(long to, long from) {
        beforeWrite(to);
        UnsafeApi.copyMemory(host(from, PhysMem.PAGE_SIZE), host(to, PhysMem.PAGE_SIZE), PhysMem.PAGE_SIZE);
    }

    /** True if frame number {@code pfn} was ever accessed. */
    public boolean isTouched(int pfn) {
        return touched[pfn];
    }

    /** Number of frames of the machine. */
    public int count() {
        return touched.length;
    }

    /** The 64-bit word at {@code address} as it is in memory. */
    public long word(long address) {
        return UnsafeApi.getLong(null, host(address, 8));
    }

    /** A hash of the contents of all accessed frames and of which they are. */
    public long hash() {
        long hash = HASH_SEED;
        for (int i = 0; i < touched.length; i++) {
            if (touched[i]) {
                hash = mix(hash, i);
                long host = memory.host((long) i << PhysMem.PAGE_SHIFT, PhysMem.PAGE_SIZE);
                for (int at = 0; at < PhysMem.PAGE_SIZE; at += 8) {
                    hash = mix(hash, UnsafeApi.getLong(null, host + at));
                }
            }
        }
        return hash;
    }

    private static long mix(long hash, long word) {
        return Long.rotateLeft((hash ^ word) * HASH_FACTOR, 31);
    }
}
