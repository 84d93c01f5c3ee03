package kemu.timeline;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/**
 * The last records of one CPU: four words each, in host memory outside the heap. Written by that CPU only, without
 * allocating; read when the machine has stopped.
 */
final class Ring {
    /** Words of a record: when, {@link #head}, and two more. */
    private static final int WORDS = 4;

    private static final int KIND_BITS = 6;
    private static final int DETAIL_BITS = 28;
    private static final int PID_SHIFT = KIND_BITS + DETAIL_BITS;
    private static final long DETAIL_MASK = (1L << DETAIL_BITS) - 1;

    private final LongBuffer words;
    private final int mask;
    private long put;
    private volatile boolean frozen;

    /** Of {@code records}, a power of two. */
    Ring(int records) {
        words = ByteBuffer.allocateDirect(records * WORDS * Long.BYTES)
                .order(ByteOrder.nativeOrder())
                .asLongBuffer();
        mask = records - 1;
    }

    /**
     * Keeps a record in place of the oldest one.
     *
     * @param kind one of {@link RecordKind}
     * @param detail 28 bits more of the kind
     * @param pid of the task that it is of; 30 bits are kept
     */
    void put(long time, int kind, int detail, int pid, long object, long more) {
        if (frozen) {
            return;
        }
        int at = ((int) put & mask) * WORDS;
        words.put(at, time);
        words.put(at + 1, kind | (detail & DETAIL_MASK) << KIND_BITS | (long) pid << PID_SHIFT);
        words.put(at + 2, object);
        words.put(at + 3, more);
        put++;
    }

    /** From now on nothing is kept. Any thread. */
    void freeze() {
        frozen = true;
    }

    /** One record, as it was put. */
    record Kept(long time, int kind, int detail, int pid, long object, long more) {}

    /** Takes records. */
    @FunctionalInterface
    interface Reader {
        /** Takes one. */
        void take(Kept record);
    }

    /** Gives all that is kept to {@code to}, oldest first. Machine at rest. */
    void read(Reader to) {
        for (long i = oldest(); i < put; i++) {
            int at = ((int) i & mask) * WORDS;
            long head = words.get(at + 1);
            to.take(new Kept(
                    words.get(at),
                    (int) head & (1 << KIND_BITS) - 1,
                    (int) (head >>> KIND_BITS & DETAIL_MASK),
                    (int) (head >>> PID_SHIFT),
                    words.get(at + 2),
                    words.get(at + 3)));
        }
    }

    private long oldest() {
        return Math.max(0, put - mask - 1);
    }

    /** From when on everything is here: 0 if nothing has been overwritten. Machine at rest. */
    long completeFrom() {
        return put <= mask + 1 ? 0 : words.get(((int) oldest() & mask) * WORDS);
    }
}
