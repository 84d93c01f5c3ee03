package kemu.hw.cpu;

import kemu.hw.machine.Area;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.KernelBug;
import kemu.hw.mem.TouchedFrames;
import org.agrona.UnsafeApi;

/**
 * A CPU whose tasks are fibers of one host thread: every marked access is a point where the machine's scheduler may let
 * another CPU run. In this first form memory is sequentially consistent, so fences order nothing more.
 */
public final class EmuCpu implements Cpu {
    private final int id;
    private final EmuMachine machine;
    private final TouchedFrames mem;
    private final long area;
    private final long[] modeSteps = new long[Mode.COUNT];
    private Fiber current;
    private LatencySink sink;
    private int budget = Integer.MAX_VALUE;
    private long steps;
    private long progress;
    private int mode = Mode.KERNEL;
    private long modeSince;

    // What the suspended fiber does next; written where it suspends, so that going on costs nothing.
    private int pendingKind = Pending.NONE;
    private long pendingAddress;
    private int pendingWidth;
    private int pendingOrder = Order.RELAXED;

    // What the CPU waits for while parked: a 64-bit or 32-bit word, or (address 0) only an interrupt.
    private boolean onFiber;
    private boolean parked;
    private long parkAddress;
    private boolean parkWide;
    private boolean parkUntilEqual;
    private long parkMask;
    private long parkValue;

    /** CPU {@code id} of {@code machine}, with its per-CPU area at {@code area}. */
    public EmuCpu(EmuMachine machine, int id, long area) {
        this.machine = machine;
        this.mem = machine.frames();
        this.id = id;
        this.area = area;
    }

    @Override
    public int id() {
        return id;
    }

    @Override
    public EmuMachine machine() {
        return machine;
    }

    @Override
    public long area() {
        return area;
    }

    private void step(int kind, long address, int width, int order) {
        steps++;
        if (--budget <= 0) {
            pending(kind, address, width, order);
            pause();
        }
    }

    private void pending(int kind, long address, int width, int order) {
        pendingKind = kind;
        pendingAddress = address;
        pendingWidth = width;
        pendingOrder = order;
    }

    /** Gives the machine's scheduler a chance to run another CPU; returns when this one is picked again. */
    private void pause() {
        if (onFiber) {
            Fiber.suspend();
        } else {
            // Boot code, or the machine's own loop raising an interrupt: nothing to switch to.
            budget = Integer.MAX_VALUE;
        }
    }

    /** Runs the current fiber for about {@code accesses} marked accesses. The machine's loop calls this. */
    public void run(int accesses) {
        budget = accesses;
        parked = false;
        onFiber = true;
        try {
            current.resume();
        } finally {
            // Also when a task failed: what the machine then does to halt is not on a fiber.
            onFiber = false;
        }
    }

    /** Names the fiber to run first. */
    public void start(Fiber first) {
        current = first;
        pending(Pending.NONE, NULL, 0, Order.RELAXED);
    }

    /**
     * What the CPU does when it runs again: a kind of {@link Pending}. Every {@link #run} of one access executes exactly
     * this and suspends before the next.
     */
    public int pendingKind() {
        return pendingKind;
    }

    /** Address of the pending access, 0 if it has none. */
    public long pendingAddress() {
        return pendingAddress;
    }

    /** Bytes of the pending access, 0 if it has none. */
    public int pendingWidth() {
        return pendingWidth;
    }

    /** {@link Order} of the pending access. */
    public int pendingOrder() {
        return pendingOrder;
    }

    /** Number of buffered stores that may become visible next; none where memory is sequentially consistent. */
    public int drainable() {
        return 0;
    }

    /** Address of the word that {@link #drain} {@code k} would write. */
    public long drainTarget(int k) {
        throw new IndexOutOfBoundsException(k);
    }

    /** Makes one buffered store visible. {@code k} is below {@link #drainable}. */
    public void drain(int k) {
        throw new IndexOutOfBoundsException(k);
    }

    /** Number of words of which this CPU still sees an old value. */
    public int deliverable() {
        return 0;
    }

    /** Address of the word that {@link #deliver} {@code k} would bring up to date. */
    public long deliverTarget(int k) {
        throw new IndexOutOfBoundsException(k);
    }

    /** Lets this CPU see the present value of one word. {@code k} is below {@link #deliverable}. */
    public void deliver(int k) {
        throw new IndexOutOfBoundsException(k);
    }

    /** True if all stores of this CPU are visible to the others. */
    public boolean buffersEmpty() {
        return true;
    }

    /** Marked accesses executed so far. */
    public long steps() {
        return steps;
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
        step(Pending.READ, address, 4, Order.RELAXED);
        return UnsafeApi.getInt(null, mem.host(address, 4));
    }

    @Override
    public void writeOnce32(long address, int value) {
        step(Pending.WRITE, address, 4, Order.RELAXED);
        UnsafeApi.putInt(null, mem.host(address, 4), value);
    }

    @Override
    public int loadAcquire32(long address, int order) {
        step(Pending.READ, address, 4, order);
        return UnsafeApi.getInt(null, mem.host(address, 4));
    }

    @Override
    public void storeRelease32(long address, int value, int order) {
        step(Pending.WRITE, address, 4, order);
        UnsafeApi.putInt(null, mem.host(address, 4), value);
    }

    @Override
    public int cmpxchg32(long address, int expected, int desired, int order) {
        step(Pending.RMW, address, 4, order);
        long host = mem.host(address, 4);
        int old = UnsafeApi.getInt(null, host);
        if (old == expected) {
            UnsafeApi.putInt(null, host, desired);
        }
        return old;
    }

    @Override
    public int xchg32(long address, int value, int order) {
        step(Pending.RMW, address, 4, order);
        long host = mem.host(address, 4);
        int old = UnsafeApi.getInt(null, host);
        UnsafeApi.putInt(null, host, value);
        return old;
    }

    @Override
    public int fetchAdd32(long address, int delta, int order) {
        step(Pending.RMW, address, 4, order);
        long host = mem.host(address, 4);
        int old = UnsafeApi.getInt(null, host);
        UnsafeApi.putInt(null, host, old + delta);
        return old;
    }

    @Override
    public int fetchOr32(long address, int bits, int order) {
        step(Pending.RMW, address, 4, order);
        long host = mem.host(address, 4);
        int old = UnsafeApi.getInt(null, host);
        UnsafeApi.putInt(null, host, old | bits);
        return old;
    }

    @Override
    public int fetchAnd32(long address, int bits, int order) {
        step(Pending.RMW, address, 4, order);
        long host = mem.host(address, 4);
        int old = UnsafeApi.getInt(null, host);
        UnsafeApi.putInt(null, host, old & bits);
        return old;
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
        step(Pending.READ, address, 8, Order.RELAXED);
        return UnsafeApi.getLong(null, mem.host(address, 8));
    }

    @Override
    public void writeOnce64(long address, long value) {
        step(Pending.WRITE, address, 8, Order.RELAXED);
        UnsafeApi.putLong(null, mem.host(address, 8), value);
    }

    @Override
    public long loadAcquire64(long address, int order) {
        step(Pending.READ, address, 8, order);
        return UnsafeApi.getLong(null, mem.host(address, 8));
    }

    @Override
    public void storeRelease64(long address, long value, int order) {
        step(Pending.WRITE, address, 8, order);
        UnsafeApi.putLong(null, mem.host(address, 8), value);
    }

    @Override
    public long cmpxchg64(long address, long expected, long desired, int order) {
        step(Pending.RMW, address, 8, order);
        long host = mem.host(address, 8);
        long old = UnsafeApi.getLong(null, host);
        if (old == expected) {
            UnsafeApi.putLong(null, host, desired);
        }
        return old;
    }

    @Override
    public long xchg64(long address, long value, int order) {
        step(Pending.RMW, address, 8, order);
        long host = mem.host(address, 8);
        long old = UnsafeApi.getLong(null, host);
        UnsafeApi.putLong(null, host, value);
        return old;
    }

    @Override
    public long fetchAdd64(long address, long delta, int order) {
        step(Pending.RMW, address, 8, order);
        long host = mem.host(address, 8);
        long old = UnsafeApi.getLong(null, host);
        UnsafeApi.putLong(null, host, old + delta);
        return old;
    }

    @Override
    public long fetchOr64(long address, long bits, int order) {
        step(Pending.RMW, address, 8, order);
        long host = mem.host(address, 8);
        long old = UnsafeApi.getLong(null, host);
        UnsafeApi.putLong(null, host, old | bits);
        return old;
    }

    @Override
    public long fetchAnd64(long address, long bits, int order) {
        step(Pending.RMW, address, 8, order);
        long host = mem.host(address, 8);
        long old = UnsafeApi.getLong(null, host);
        UnsafeApi.putLong(null, host, old & bits);
        return old;
    }

    @Override
    public long loadDependent64(long address) {
        return readOnce64(address);
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
    public void smpMb(int barrier) {
        step(Pending.FENCE, NULL, 0, Order.FULL);
    }

    @Override
    public void smpRmb(int barrier) {
        step(Pending.FENCE, NULL, 0, Order.FULL);
    }

    @Override
    public void smpWmb(int barrier) {
        step(Pending.FENCE, NULL, 0, Order.FULL);
    }

    @Override
    public void smpMbBeforeAtomic(int barrier) {
        step(Pending.FENCE, NULL, 0, Order.FULL);
    }

    @Override
    public void smpMbAfterAtomic(int barrier) {
        step(Pending.FENCE, NULL, 0, Order.FULL);
    }

    @Override
    public void relax() {
        poll();
        steps++;
        pending(Pending.RELAX, NULL, 0, Order.RELAXED);
        pause();
    }

    @Override
    public int condLoadEq32(long address, int mask, int value, int order) {
        int seen = loadAcquire32(address, order);
        // Ends when the word changes; the machine reports a CPU that waits too long.
        while ((seen & mask) != value) {
            park(address, false, true, mask, value);
            seen = woken32(address, order);
        }
        return seen;
    }

    @Override
    public int condLoadNe32(long address, int mask, int value, int order) {
        int seen = loadAcquire32(address, order);
        // Ends when the word changes; the machine reports a CPU that waits too long.
        while ((seen & mask) == value) {
            park(address, false, false, mask, value);
            seen = woken32(address, order);
        }
        return seen;
    }

    @Override
    public long condLoadEq64(long address, long mask, long value, int order) {
        long seen = loadAcquire64(address, order);
        // Ends when the word changes; the machine reports a CPU that waits too long.
        while ((seen & mask) != value) {
            park(address, true, true, mask, value);
            seen = woken64(address, order);
        }
        return seen;
    }

    @Override
    public long condLoadNe64(long address, long mask, long value, int order) {
        long seen = loadAcquire64(address, order);
        // Ends when the word changes; the machine reports a CPU that waits too long.
        while ((seen & mask) == value) {
            park(address, true, false, mask, value);
            seen = woken64(address, order);
        }
        return seen;
    }

    /** The load of a wait that was parked: part of the wait, so no scheduling point of its own. */
    private int woken32(long address, int order) {
        progress++;
        steps++;
        return UnsafeApi.getInt(null, mem.host(address, 4));
    }

    private long woken64(long address, int order) {
        progress++;
        steps++;
        return UnsafeApi.getLong(null, mem.host(address, 8));
    }

    private void park(long address, boolean wide, boolean untilEqual, long mask, long value) {
        poll();
        if (!onFiber) {
            throw new KernelBug(
                    "BUG: boot code waits for a word that nobody can change at 0x" + Long.toHexString(address) + " ("
                            + machine.memory().symbols().nameOf(address) + ")");
        }
        parked = true;
        parkAddress = address;
        parkWide = wide;
        parkUntilEqual = untilEqual;
        parkMask = mask;
        parkValue = value;
        pending(Pending.WAIT, address, wide ? 8 : 4, Order.ACQUIRE);
        pause();
        parked = false;
    }

    /** True if the machine may pick this CPU: it is not parked, its word changed, or an interrupt can be served. */
    public boolean runnable() {
        return !parked || conditionHolds() || machine.interrupts().deliverable(this);
    }

    /** The word this CPU spins on, or 0 if it does not spin; for reports. */
    public long waitsOn() {
        return parked ? parkAddress : NULL;
    }

    private boolean conditionHolds() {
        if (parkAddress == NULL) {
            return false;
        }
        long host = mem.host(parkAddress, parkWide ? 8 : 4);
        long word = parkWide ? UnsafeApi.getLong(null, host) : UnsafeApi.getInt(null, host);
        return ((word & parkMask) == parkValue) == parkUntilEqual;
    }

    @Override
    public void poll() {
        if (read32(area + Area.PENDING.offset()) != 0) {
            machine.interrupts().serve(this);
        }
    }

    @Override
    public void switchTo(Fiber next) {
        progress++;
        current = next;
        pending(Pending.SWITCH, NULL, 0, Order.FULL);
        Fiber.suspend();
    }

    /** Task switches and changes of words waited for, so far: what a hung machine has none of. */
    public long progress() {
        return progress;
    }

    /** The fiber this CPU runs; for reports. */
    public Fiber currentFiber() {
        return current;
    }

    @Override
    public void idleWait() {
        if (read32(area + Area.PENDING.offset()) == 0) {
            parked = true;
            parkAddress = NULL;
            pending(Pending.IDLE, NULL, 0, Order.RELAXED);
            pause();
            parked = false;
        }
    }

    @Override
    public void raise(int target, int bits) {
        fetchOr32(machine.cpu(target).area + Area.PENDING.offset(), bits, Order.FULL);
    }

    @Override
    public long clock() {
        return steps;
    }

    @Override
    public void record(int tag, long elapsed) {
        if (sink != null) {
            sink.record(tag, elapsed);
        }
    }

    /** Attaches the recorder of this CPU's latencies. Before the machine starts only. */
    public void attach(LatencySink latencySink) {
        sink = latencySink;
    }

    @Override
    public void mode(int next) {
        modeSteps[mode] += steps - modeSince;
        modeSince = steps;
        mode = next;
    }

    /** Steps spent in {@code mode} so far, up to the last change of mode. */
    public long modeSteps(int ofMode) {
        return modeSteps[ofMode];
    }
}
