package kemu.hw.cpu;

import java.util.concurrent.locks.LockSupport;
import kemu.hw.mem.PhysMem;
import kemu.hw.order.Order;
import org.agrona.UnsafeApi;

/**
 * A CPU that is a host thread: real atomics and fences on the emulated memory. Plain accesses are host plain accesses,
 * once accesses are opaque; value-returning atomics of full order get fences around them on hosts where a Java atomic
 * is not a fence by itself.
 */
public final class NativeCpu implements Cpu {
    /** Rounds of spinning before the host thread yields its processor, if every CPU has one; a power of two. */
    private static final int SPINS_ALONE = 256;
    /** The same if there are more CPUs than processors: the one waited for may need this one. A power of two. */
    private static final int SPINS_CROWDED = 8;
    /** Rounds of polling before an idle CPU parks its host thread, about ten microseconds; likewise. */
    private static final int IDLE_SPINS_ALONE = 300;

    private static final int IDLE_SPINS_CROWDED = 16;
    private static final int NONE = -1;

    private static final long IDLE_PARK_NANOS = 100_000_000L;
    /** Times that a wait yields before it sleeps, less than a millisecond on a processor of its own. */
    private static final int YIELDS = 64;

    private static final long LONG_WAIT_PARK_NANOS = 50_000L;
    private static final boolean RMW_IS_FENCE = isX86(System.getProperty("os.arch", ""));

    private final int id;
    private final Board board;
    private final PhysMem mem;
    private final long area;
    private final long[] modeNanos = new long[Mode.COUNT];
    private Fiber current;
    private LatencySink sink;
    private NativeWitness witness;
    /** Tag of what {@link #recordSince} has left open, or {@link #NONE}: it began with the mode. */
    private int open = NONE;

    private int mode = Mode.KERNEL;
    private long modeSince = System.nanoTime();
    private volatile Thread thread;
    private volatile boolean idle;
    private final int spinMask;
    /** Rounds of a wait until it sleeps. */
    private final int patience;

    private final int idleSpins;
    private int spins;
    private long waitingSince;

    /** CPU {@code id} of {@code cpus} on {@code board}, before {@code mem}, with its per-CPU area at {@code area}. */
    public NativeCpu(Board board, PhysMem mem, int cpus, int id, long area) {
        this.board = board;
        this.mem = mem;
        this.id = id;
        this.area = area;
        boolean crowded = cpus > Runtime.getRuntime().availableProcessors();
        this.spinMask = (crowded ? SPINS_CROWDED : SPINS_ALONE) - 1;
        this.patience = YIELDS * (spinMask + 1);
        this.idleSpins = crowded ? IDLE_SPINS_CROWDED : IDLE_SPINS_ALONE;
    }

    private static boolean isX86(String arch) {
        return arch.equals("amd64") || arch.equals("x86_64");
    }

    @Override
    public int id() {
        return id;
    }

    @Override
    public Board board() {
        return board;
    }

    @Override
    public long area() {
        return area;
    }

    @Override
    public int read32(long address) {
        return UnsafeApi.getInt(null, mem.host(address, 4));
    }

    @Override
    public void write32(long address, int value) {
        UnsafeApi.putInt(null, mem.host(address, 4), value);
    }

    @Override
    public int readOnce32(long address) {
        return UnsafeApi.getIntOpaque(null, mem.host(address, 4));
    }

    @Override
    public void writeOnce32(long address, int value) {
        UnsafeApi.putIntOpaque(null, mem.host(address, 4), value);
    }

    @Override
    public int loadAcquire32(long address, int order) {
        return UnsafeApi.getIntAcquire(null, mem.host(address, 4));
    }

    @Override
    public void storeRelease32(long address, int value, int order) {
        UnsafeApi.putIntRelease(null, mem.host(address, 4), value);
    }

    @Override
    public int cmpxchg32(long address, int expected, int desired, int order) {
        long host = mem.host(address, 4);
        if (Order.isFull(order)) {
            fenceAroundRmw();
            int old = UnsafeApi.compareAndExchangeInt(null, host, expected, desired);
            fenceAroundRmw();
            return old;
        }
        return switch (Order.kind(order)) {
            case Order.ACQUIRE -> UnsafeApi.compareAndExchangeIntAcquire(null, host, expected, desired);
            case Order.RELEASE -> UnsafeApi.compareAndExchangeIntRelease(null, host, expected, desired);
            default -> UnsafeApi.compareAndExchangeIntAcquire(null, host, expected, desired);
        };
    }

    @Override
    public int xchg32(long address, int value, int order) {
        long host = mem.host(address, 4);
        if (Order.isFull(order)) {
            fenceAroundRmw();
            int old = UnsafeApi.getAndSetInt(null, host, value);
            fenceAroundRmw();
            return old;
        }
        return switch (Order.kind(order)) {
            case Order.ACQUIRE -> UnsafeApi.getAndSetIntAcquire(null, host, value);
            case Order.RELEASE -> UnsafeApi.getAndSetIntRelease(null, host, value);
            default -> UnsafeApi.getAndSetIntAcquire(null, host, value);
        };
    }

    @Override
    public int fetchAdd32(long address, int delta, int order) {
        long host = mem.host(address, 4);
        if (Order.isFull(order)) {
            fenceAroundRmw();
            int old = UnsafeApi.getAndAddInt(null, host, delta);
            fenceAroundRmw();
            return old;
        }
        return switch (Order.kind(order)) {
            case Order.ACQUIRE -> UnsafeApi.getAndAddIntAcquire(null, host, delta);
            case Order.RELEASE -> UnsafeApi.getAndAddIntRelease(null, host, delta);
            default -> UnsafeApi.getAndAddIntAcquire(null, host, delta);
        };
    }

    @Override
    public int fetchOr32(long address, int bits, int order) {
        long host = mem.host(address, 4);
        if (Order.isFull(order)) {
            fenceAroundRmw();
            int old = UnsafeApi.getAndBitwiseOrInt(null, host, bits);
            fenceAroundRmw();
            return old;
        }
        return switch (Order.kind(order)) {
            case Order.ACQUIRE -> UnsafeApi.getAndBitwiseOrIntAcquire(null, host, bits);
            case Order.RELEASE -> UnsafeApi.getAndBitwiseOrIntRelease(null, host, bits);
            default -> UnsafeApi.getAndBitwiseOrIntAcquire(null, host, bits);
        };
    }

    @Override
    public int fetchAnd32(long address, int bits, int order) {
        long host = mem.host(address, 4);
        if (Order.isFull(order)) {
            fenceAroundRmw();
            int old = UnsafeApi.getAndBitwiseAndInt(null, host, bits);
            fenceAroundRmw();
            return old;
        }
        return switch (Order.kind(order)) {
            case Order.ACQUIRE -> UnsafeApi.getAndBitwiseAndIntAcquire(null, host, bits);
            case Order.RELEASE -> UnsafeApi.getAndBitwiseAndIntRelease(null, host, bits);
            default -> UnsafeApi.getAndBitwiseAndIntAcquire(null, host, bits);
        };
    }

    @Override
    public long read64(long address) {
        return UnsafeApi.getLong(null, mem.host(address, 8));
    }

    @Override
    public void write64(long address, long value) {
        UnsafeApi.putLong(null, mem.host(address, 8), value);
    }

    @Override
    public long readOnce64(long address) {
        return UnsafeApi.getLongOpaque(null, mem.host(address, 8));
    }

    @Override
    public void writeOnce64(long address, long value) {
        UnsafeApi.putLongOpaque(null, mem.host(address, 8), value);
    }

    @Override
    public long loadAcquire64(long address, int order) {
        return UnsafeApi.getLongAcquire(null, mem.host(address, 8));
    }

    @Override
    public void storeRelease64(long address, long value, int order) {
        UnsafeApi.putLongRelease(null, mem.host(address, 8), value);
    }

    @Override
    public long cmpxchg64(long address, long expected, long desired, int order) {
        long host = mem.host(address, 8);
        if (Order.isFull(order)) {
            fenceAroundRmw();
            long old = UnsafeApi.compareAndExchangeLong(null, host, expected, desired);
            fenceAroundRmw();
            return old;
        }
        return switch (Order.kind(order)) {
            case Order.ACQUIRE -> UnsafeApi.compareAndExchangeLongAcquire(null, host, expected, desired);
            case Order.RELEASE -> UnsafeApi.compareAndExchangeLongRelease(null, host, expected, desired);
            default -> UnsafeApi.compareAndExchangeLongAcquire(null, host, expected, desired);
        };
    }

    @Override
    public long xchg64(long address, long value, int order) {
        long host = mem.host(address, 8);
        if (Order.isFull(order)) {
            fenceAroundRmw();
            long old = UnsafeApi.getAndSetLong(null, host, value);
            fenceAroundRmw();
            return old;
        }
        return switch (Order.kind(order)) {
            case Order.ACQUIRE -> UnsafeApi.getAndSetLongAcquire(null, host, value);
            case Order.RELEASE -> UnsafeApi.getAndSetLongRelease(null, host, value);
            default -> UnsafeApi.getAndSetLongAcquire(null, host, value);
        };
    }

    @Override
    public long fetchAdd64(long address, long delta, int order) {
        long host = mem.host(address, 8);
        if (Order.isFull(order)) {
            fenceAroundRmw();
            long old = UnsafeApi.getAndAddLong(null, host, delta);
            fenceAroundRmw();
            return old;
        }
        return switch (Order.kind(order)) {
            case Order.ACQUIRE -> UnsafeApi.getAndAddLongAcquire(null, host, delta);
            case Order.RELEASE -> UnsafeApi.getAndAddLongRelease(null, host, delta);
            default -> UnsafeApi.getAndAddLongAcquire(null, host, delta);
        };
    }

    @Override
    public long fetchOr64(long address, long bits, int order) {
        long host = mem.host(address, 8);
        if (Order.isFull(order)) {
            fenceAroundRmw();
            long old = UnsafeApi.getAndBitwiseOrLong(null, host, bits);
            fenceAroundRmw();
            return old;
        }
        return switch (Order.kind(order)) {
            case Order.ACQUIRE -> UnsafeApi.getAndBitwiseOrLongAcquire(null, host, bits);
            case Order.RELEASE -> UnsafeApi.getAndBitwiseOrLongRelease(null, host, bits);
            default -> UnsafeApi.getAndBitwiseOrLongAcquire(null, host, bits);
        };
    }

    @Override
    public long fetchAnd64(long address, long bits, int order) {
        long host = mem.host(address, 8);
        if (Order.isFull(order)) {
            fenceAroundRmw();
            long old = UnsafeApi.getAndBitwiseAndLong(null, host, bits);
            fenceAroundRmw();
            return old;
        }
        return switch (Order.kind(order)) {
            case Order.ACQUIRE -> UnsafeApi.getAndBitwiseAndLongAcquire(null, host, bits);
            case Order.RELEASE -> UnsafeApi.getAndBitwiseAndLongRelease(null, host, bits);
            default -> UnsafeApi.getAndBitwiseAndLongAcquire(null, host, bits);
        };
    }

    private static void fenceAroundRmw() {
        if (!RMW_IS_FENCE) {
            UnsafeApi.fullFence();
        }
    }

    @Override
    public long loadDependent64(long address) {
        // Java promises no dependency ordering, so this is an acquire; on x86 that is a plain load.
        return UnsafeApi.getLongAcquire(null, mem.host(address, 8));
    }

    @Override
    public void clearFrame(long frame) {
        mem.clearFrame(frame);
    }

    @Override
    public void copyFrame(long to, long from) {
        mem.copyFrame(to, from);
    }

    @Override
    public int compareFrames(long one, long other) {
        return mem.compareFrames(one, other);
    }

    @Override
    public long hashFrame(long frame) {
        return mem.hashFrame(frame);
    }

    @Override
    public void smpMb(int barrier) {
        UnsafeApi.fullFence();
    }

    @Override
    public void smpRmb(int barrier) {
        UnsafeApi.loadFence();
    }

    @Override
    public void smpWmb(int barrier) {
        UnsafeApi.storeFence();
    }

    @Override
    public void smpMbBeforeAtomic(int barrier) {
        fenceAroundRmw();
    }

    @Override
    public void smpMbAfterAtomic(int barrier) {
        fenceAroundRmw();
    }

    @Override
    public void relax() {
        if (waitingSince == 0) {
            waitingSince = System.nanoTime();
        }
        poll();
        if ((++spins & spinMask) == 0) {
            Thread.yield();
        } else {
            Thread.onSpinWait();
        }
    }

    /**
     * Round {@code turn} of a wait. After many it sleeps rather than yields: the one waited for may be on the same
     * processor, where a host may let who has yielded often come after all that the other uses (Linux 6.18).
     */
    private void pause(int turn) {
        if (turn > patience && (turn & spinMask) == 0) {
            poll();
            LockSupport.parkNanos(this, LONG_WAIT_PARK_NANOS);
        } else {
            relax();
        }
    }

    @Override
    public int condLoadEq32(long address, int mask, int value, int order) {
        int seen = loadAcquire32(address, order);
        // Ends when the word changes; the watchdog reports a CPU that waits too long.
        for (int turn = 0; (seen & mask) != value; turn++) {
            pause(turn);
            seen = loadAcquire32(address, order);
        }
        return seen;
    }

    @Override
    public int condLoadNe32(long address, int mask, int value, int order) {
        int seen = loadAcquire32(address, order);
        // Ends when the word changes; the watchdog reports a CPU that waits too long.
        for (int turn = 0; (seen & mask) == value; turn++) {
            pause(turn);
            seen = loadAcquire32(address, order);
        }
        return seen;
    }

    @Override
    public long condLoadEq64(long address, long mask, long value, int order) {
        long seen = loadAcquire64(address, order);
        // Ends when the word changes; the watchdog reports a CPU that waits too long.
        for (int turn = 0; (seen & mask) != value; turn++) {
            pause(turn);
            seen = loadAcquire64(address, order);
        }
        return seen;
    }

    @Override
    public long condLoadNe64(long address, long mask, long value, int order) {
        long seen = loadAcquire64(address, order);
        // Ends when the word changes; the watchdog reports a CPU that waits too long.
        for (int turn = 0; (seen & mask) == value; turn++) {
            pause(turn);
            seen = loadAcquire64(address, order);
        }
        return seen;
    }

    @Override
    public void poll() {
        if (readOnce32(area + InterruptLine.OFFSET) != 0) {
            board.serve(this);
        }
    }

    @Override
    public void endInterruptible() {
        poll();
    }

    @Override
    public void switchTo(Fiber next) {
        if (open != NONE) {
            close(System.nanoTime());
        }
        current = next;
        Fiber.suspend();
    }

    /** The host thread's loop: continues whichever fiber the last one named, until the machine halts. */
    public void loop(Fiber first) {
        thread = Thread.currentThread();
        current = first;
        modeSince = System.nanoTime();
        while (!board.halted()) {
            current.resume();
        }
        mode(Mode.IDLE);
    }

    /** The fiber this CPU runs; for reports. */
    public Fiber currentFiber() {
        return current;
    }

    /** The host thread of this CPU, null before it starts; for reports. */
    public Thread hostThread() {
        return thread;
    }

    @Override
    public void idleWait() {
        for (int i = 0; i < idleSpins; i++) {
            if (pendingOrHalted()) {
                return;
            }
            Thread.onSpinWait();
        }
        idle = true; // volatile: ordered before the check below; raise() sets pending, then reads idle
        if (!pendingOrHalted()) {
            LockSupport.parkNanos(this, IDLE_PARK_NANOS);
        }
        idle = false;
    }

    private boolean pendingOrHalted() {
        return loadAcquire32(area + InterruptLine.OFFSET, Order.ACQUIRE) != 0 || board.halted();
    }

    @Override
    public void raise(int target, int bits) {
        NativeCpu other = (NativeCpu) board.cpu(target);
        other.fetchOr32(other.area + InterruptLine.OFFSET, bits, Order.FULL);
        other.unparkIfIdle();
    }

    /** Wakes the host thread if it is parked in {@link #idleWait}. */
    public void unparkIfIdle() {
        if (idle) {
            LockSupport.unpark(thread);
        }
    }

    @Override
    public long clock() {
        return System.nanoTime();
    }

    @Override
    public void record(int tag, long elapsed) {
        if (sink != null) {
            sink.record(tag, elapsed);
        }
    }

    @Override
    public void recordSince(int tag, long start) {
        if (sink == null) {
            return;
        }
        if (start == modeSince && open == NONE) {
            open = tag;
        } else {
            record(tag, System.nanoTime() - start);
        }
    }

    private void close(long now) {
        int tag = open;
        open = NONE;
        record(tag, now - modeSince);
    }

    @Override
    public long modeSince() {
        return modeSince;
    }

    /** Attaches the recorder of this CPU's latencies. Before the machine starts only. */
    public void attach(LatencySink latencySink) {
        sink = latencySink;
    }

    @Override
    public void tell(int event, long object, long detail) {
        // Events are constants of the caller, so those that the witness does not listen to cost nothing.
        if (witness != null) {
            witness.told(this, event, object, detail);
        }
    }

    /** From now on {@code by} is told what kernel code tells on this CPU. Before the machine starts only. */
    public void attach(NativeWitness by) {
        witness = by;
    }

    /** Who is told now, or null: who is told from now on may want to tell it in turn. */
    public NativeWitness witness() {
        return witness;
    }

    /**
     * When this CPU first went round a spin loop since {@link #waitingSince(long)} was given 0, by its clock; 0 if it
     * has not. For instruments that measure waits without a clock reading for each lock that is free.
     */
    public long waitingSince() {
        return waitingSince;
    }

    /** Sets what {@link #waitingSince()} says; 0 begins anew. Own thread only. */
    public void waitingSince(long nanos) {
        waitingSince = nanos;
    }

    @Override
    public void expect(int type) {
        // No instruments.
    }

    @Override
    public void mode(int next) {
        if (next != mode) {
            long now = System.nanoTime();
            if (open != NONE) {
                close(now);
            }
            modeNanos[mode] += now - modeSince;
            modeSince = now;
            mode = next;
        }
    }

    /** Wall nanoseconds spent in {@code mode} so far, up to the last change of mode. Racy for other threads. */
    public long modeNanos(int ofMode) {
        return modeNanos[ofMode];
    }
}
