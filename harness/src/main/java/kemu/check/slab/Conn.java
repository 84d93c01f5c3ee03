package kemu.check.slab;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.StructLayout;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;

/**
 * What the scenarios look up: a connection, found by key and pinned by its count, or by its lock. Constructed once: a
 * free connection has count 0 and an unlocked lock. Four of them fill a page.
 */
final class Conn {
    private static final int PADDING_WORDS = 110;

    private static final StructLayout.Builder S = StructLayout.struct("conn");
    /** {@link #TYPE}, written by the constructor: no life of the object changes it. Marked accesses. */
    static final I64Field MAGIC = S.i64("magic");
    /** Whom it connects; 0 while free. Written before {@link #REFS} is, or under {@link #LOCK}; lookups race. */
    static final I64Field KEY = S.i64("key");
    /** Users; 0 while free. Atomics; the release that makes it 1 publishes the key. */
    static final I32Field REFS = S.i32("refs");
    /** Guards the key in scenarios where the count does not. Unlocked while the connection is free. */
    static final Embedded LOCK = S.embed("lock", SpinLock.LAYOUT);

    static final Embedded PADDING = S.words("padding", PADDING_WORDS);
    /** Size and members. */
    static final StructLayout LAYOUT = S.build(8);

    /** What {@link #MAGIC} is in every object of the type. */
    static final long TYPE = 0x636f_6e6eL;

    private static final LockClass LOCK_CLASS = LockClass.of("conn->lock");

    private Conn() {}

    /** The slab constructor. */
    static void construct(Cpu cpu, long conn) {
        MAGIC.writeOnce(cpu, conn, TYPE);
        KEY.writeOnce(cpu, conn, 0);
        REFS.writeOnce(cpu, conn, 0);
        SpinLock.init(cpu, LOCK.of(conn), LOCK_CLASS);
    }

    /** inc_not_zero: false if {@code conn} is free. Full order. */
    static boolean pin(Cpu cpu, long conn) {
        return REFS.addUnless(cpu, conn, 1, 0);
    }
}
