package kemu.kernel.locking;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.StructLayout;
import kemu.hw.machine.Area;
import kemu.hw.order.Barriers;
import kemu.kernel.context.Task;

/**
 * {@code seqcount_t}: readers take a copy and try again if a writer was there. Writers exclude each other by a lock of
 * their own. The count is odd while a writer writes.
 *
 * <p>Ordering: what a reader loaded between {@link #readBegin} and a {@link #readRetry} that returns false is one
 * consistent state, if it was loaded and stored with marked accesses.
 *
 * <p>Source: Linux 2.6.36 include/linux/seqlock.h.
 */
public final class SeqCount {
    private static final StructLayout.Builder S = StructLayout.struct("seqcount");
    /** Number of times a write began or ended. Written by the writer, read by all. */
    public static final I32Field SEQUENCE = S.i32("sequence");
    /** {@link LockClass#id}; constant after init. */
    public static final I32Field CLASS = S.i32("class");
    /** Size and members. */
    public static final StructLayout LAYOUT = S.build(8);

    /** The reader's loads stay after its look at the count; pairs with {@link #WRITE_END}. */
    private static final int READ_BEGIN = Barriers.fence("seqcount.READ_BEGIN");
    /** The reader's loads stay before its second look; pairs with {@link #WRITE_BEGIN}. */
    private static final int READ_RETRY = Barriers.fence("seqcount.READ_RETRY");
    /** The writer's stores stay after the odd count; pairs with {@link #READ_RETRY}. */
    private static final int WRITE_BEGIN = Barriers.fence("seqcount.WRITE_BEGIN");
    /** The writer's stores stay before the even count; pairs with {@link #READ_BEGIN}. */
    private static final int WRITE_END = Barriers.fence("seqcount.WRITE_END");

    /** The wait for the writer; the fence that follows orders more than this acquire. */
    private static final int WAIT = Barriers.acquire("seqcount.WAIT");

    /** Marks a count in {@link Task#BLOCKED_ON}: counts are aligned, so their low bits are free. */
    private static final long TAG = 2;

    private SeqCount() {}

    /** seqcount_init: no writer, of {@code lockClass}. */
    public static void init(Cpu cpu, @Ref(SeqCount.class) long count, LockClass lockClass) {
        SEQUENCE.writeOnce(cpu, count, 0);
        CLASS.set(cpu, count, lockClass.id());
    }

    /** read_seqcount_begin: waits until no writer writes; returns the count for {@link #readRetry}. */
    public static int readBegin(Cpu cpu, @Ref(SeqCount.class) long count) {
        int seen = SEQUENCE.readOnce(cpu, count);
        if ((seen & 1) != 0) {
            seen = waitEven(cpu, count);
        }
        cpu.smpRmb(READ_BEGIN);
        return seen;
    }

    private static int waitEven(Cpu cpu, long count) {
        long task = Area.CURRENT.get(cpu, cpu.area());
        long outer = Task.BLOCKED_ON.get(cpu, task);
        Task.BLOCKED_ON.writeOnce(cpu, task, blockedOn(count));
        int seen = cpu.condLoadEq32(SEQUENCE.of(count), 1, 0, WAIT);
        Task.BLOCKED_ON.writeOnce(cpu, task, outer);
        return seen;
    }

    /** raw_seqcount_begin: like {@link #readBegin}, but where a writer writes it does not wait: the retry is true. */
    public static int readBeginNoWait(Cpu cpu, @Ref(SeqCount.class) long count) {
        int seen = SEQUENCE.readOnce(cpu, count);
        cpu.smpRmb(READ_BEGIN);
        return seen & ~1;
    }

    /** raw_read_seqcount: the count as it is, odd while a writer writes. Later loads stay later. */
    public static int rawRead(Cpu cpu, @Ref(SeqCount.class) long count) {
        int seen = SEQUENCE.readOnce(cpu, count);
        cpu.smpRmb(READ_BEGIN);
        return seen;
    }

    /** read_seqcount_retry: true if a writer was there since {@code begin}, so that what was read is worthless. */
    public static boolean readRetry(Cpu cpu, @Ref(SeqCount.class) long count, int begin) {
        cpu.smpRmb(READ_RETRY);
        return SEQUENCE.readOnce(cpu, count) != begin;
    }

    /** write_seqcount_begin. Context: the writers' lock held. Readers spin meanwhile, so be short. */
    public static void writeBegin(Cpu cpu, @Ref(SeqCount.class) long count) {
        SEQUENCE.writeOnce(cpu, count, SEQUENCE.get(cpu, count) + 1);
        cpu.smpWmb(WRITE_BEGIN);
    }

    /** write_seqcount_end. Context: as {@link #writeBegin}. */
    public static void writeEnd(Cpu cpu, @Ref(SeqCount.class) long count) {
        cpu.smpWmb(WRITE_END);
        SEQUENCE.writeOnce(cpu, count, SEQUENCE.get(cpu, count) + 1);
    }

    /** The value of {@link Task#BLOCKED_ON} that says: waits for the writer of {@code count}. */
    public static long blockedOn(long count) {
        return count | TAG;
    }

    /** True if {@code blockedOn}, a value of {@link Task#BLOCKED_ON}, is a count. */
    public static boolean isTagged(long blockedOn) {
        return (blockedOn & TAG) != 0;
    }

    /** Class, address and state of the count that {@code blockedOn} marks, for reports. */
    public static String describe(Cpu cpu, long blockedOn) {
        long count = blockedOn & ~TAG;
        int sequence = SEQUENCE.readOnce(cpu, count);
        return LockClass.nameOf(CLASS.readOnce(cpu, count)) + " 0x" + Long.toHexString(count) + " (sequence " + sequence
                + ((sequence & 1) != 0 ? ", being written)" : ", stable)");
    }
}
