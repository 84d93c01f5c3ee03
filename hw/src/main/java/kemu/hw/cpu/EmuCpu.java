package kemu.hw.cpu;

import kemu.hw.cache.CpuBuffers;
import kemu.hw.cache.Rmw;
import kemu.hw.mem.TouchedFrames;
import kemu.hw.order.Order;

/**
 * A CPU whose tasks are fibers of one host thread: every marked access is a point where the machine's scheduler may let
 * another CPU run. Memory is sequentially consistent unless buffers are switched on ({@link CpuBuffers}); then fences
 * and orders act on them.
 *
 * <p>Longer than other files because it has one method per verb of {@link Cpu}.
 */
public final class EmuCpu implements Cpu {
    private final MemoryPath path;
    private final Pending pending;
    private final Instruments instruments;
    private final int id;
    private final Board board;
    private final long area;
    private Fiber current;
    /** Decides who goes on; null for the loop of the machine. */
    private StepDriver driver;

    private LatencySink sink;
    private int budget = Integer.MAX_VALUE;
    private long steps;
    private long progress;
    private boolean onFiber;
    /** Set when this CPU's task is to be preempted where it is. */
    private boolean preempted;

    private final Parking parking;

    /** CPU {@code id} on {@code board}, before {@code frames}, with its per-CPU area at {@code area}. */
    public EmuCpu(Board board, TouchedFrames frames, int id, long area) {
        path = new MemoryPath(frames);
        instruments = new Instruments(path);
        pending = new Pending(path);
        parking = new Parking(path);
        this.board = board;
        this.id = id;
        this.area = area;
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

    private void step(int kind, long address, int width, int order) {
        steps++;
        boolean asks = --budget <= 0;
        if (!asks && driver != null && onFiber && path.drainsFirst(kind, address, width, order)) {
            // Explored, no store becomes visible by itself: whoever chooses drains comes first.
            budget++;
            asks = true;
        }
        while (asks) {
            pending.set(kind, address, width, order);
            asks = pause();
        }
        path.steps();
    }

    /** Lets the machine's scheduler run others; true if the task was preempted and has to wait for its turn. */
    private boolean pause() {
        if (!onFiber) {
            // Boot code, or the machine's own loop raising an interrupt: nothing to switch to.
            budget = Integer.MAX_VALUE;
            return false;
        }
        int expected = instruments.expected();
        if (driver == null || driver.leaves(this)) {
            Fiber.suspend();
        }
        boolean again = preempted;
        if (again) {
            preempted = false;
            parking.end();
            board.preempt(this);
        }
        instruments.expect(expected);
        return again;
    }

    /** The next {@link #run} or {@link #grant} begins with a preemption. */
    public void preempt() {
        preempted = true;
    }

    /** Runs the current fiber for about {@code accesses} marked accesses. The machine's loop calls this. */
    public void run(int accesses) {
        budget = accesses;
        parking.end();
        onFiber = true;
        instruments.running(true);
        try {
            current.resume();
        } finally {
            // Also when a task failed: what the machine then does to halt is not on a fiber.
            onFiber = false;
            instruments.running(false);
        }
    }

    /**
     * Runs {@code look}, which reads memory as it is through this CPU and changes nothing: no steps of any task, and
     * nobody is told. For names in reports, at any moment of an execution.
     */
    public void aside(Runnable look) {
        int kept = budget;
        long counted = steps;
        CpuWatch watched = instruments.watch;
        budget = Integer.MAX_VALUE;
        instruments.watch = null;
        try {
            path.unbuffered(look);
            budget = kept;
            steps = counted;
        } finally {
            instruments.watch = watched;
        }
    }

    /** Names the fiber to run first. */
    public void start(Fiber first) {
        current = first;
        pending.set(Pending.NONE, NULL, 0, Order.RELAXED);
    }

    /** From now on {@code by} decides at every marked access who goes on; null for the machine's own loop. */
    public void explore(StepDriver by) {
        driver = by;
    }

    /** Lets the running fiber execute {@code accesses} marked accesses before it asks again. */
    public void grant(int accesses) {
        budget = accesses;
        parking.end();
    }

    /** What is left of the last {@link #run} or {@link #grant}. */
    public int budgetLeft() {
        return budget;
    }

    /** Forgets what is pending: the CPU has nothing more to do. */
    public void retire() {
        pending.set(Pending.NONE, NULL, 0, Order.RELAXED);
        parking.end();
    }

    /** The clock starts again: kernel code may store what it shows, and executions that are equal must look equal. */
    public void restartClock() {
        steps = 0;
    }

    /** Marked accesses executed so far. */
    public long steps() {
        return steps;
    }

    private long plainLoad(long address, int width) {
        instruments.plainRead(address, width);
        long value = path.load(address, width);
        instruments.plainGot(address, width, value);
        return value;
    }

    private void plainStore(long address, int width, long value) {
        instruments.plainWrite(address, width);
        store(address, width, value, Order.RELAXED);
        instruments.plainPut(address, width, value);
    }

    private long markedLoad(long address, int width, int order) {
        step(Pending.READ, address, width, order);
        long value = path.load(address, width, order);
        instruments.read(address, width, order, value);
        return value;
    }

    private void store(long address, int width, long value, int order) {
        if (driver != null && onFiber && path.isFull()) {
            step(Pending.FENCE, NULL, 0, Order.FULL);
        }
        path.store(address, width, value, order);
    }

    private void markedStore(long address, int width, long value, int order) {
        step(Pending.WRITE, address, width, order);
        store(address, width, value, order);
        instruments.write(address, width, order, value);
    }

    private long rmw(int op, long address, int width, long operand, int order) {
        step(Pending.RMW, address, width, order);
        instruments.atomic(address, width, order);
        long old = path.change(op, address, width, operand, order);
        instruments.changed(op, address, width, operand, old);
        return old;
    }

    private long cmpxchg(long address, int width, long expected, long desired, int order) {
        step(Pending.RMW, address, width, order);
        long old = path.exchange(address, width, expected, desired, order);
        instruments.exchanged(address, width, order, expected, desired, old);
        return old;
    }

    @Override
    public int read32(long address) {
        return (int) plainLoad(address, 4);
    }

    @Override
    public void write32(long address, int value) {
        plainStore(address, 4, value);
    }

    @Override
    public int readOnce32(long address) {
        return (int) markedLoad(address, 4, Order.RELAXED);
    }

    @Override
    public void writeOnce32(long address, int value) {
        markedStore(address, 4, value, Order.RELAXED);
    }

    @Override
    public int loadAcquire32(long address, int order) {
        return (int) markedLoad(address, 4, order);
    }

    @Override
    public void storeRelease32(long address, int value, int order) {
        markedStore(address, 4, value, order);
    }

    @Override
    public int cmpxchg32(long address, int expected, int desired, int order) {
        return (int) cmpxchg(address, 4, expected, desired, order);
    }

    @Override
    public int xchg32(long address, int value, int order) {
        return (int) rmw(Rmw.XCHG, address, 4, value, order);
    }

    @Override
    public int fetchAdd32(long address, int delta, int order) {
        return (int) rmw(Rmw.ADD, address, 4, delta, order);
    }

    @Override
    public int fetchOr32(long address, int bits, int order) {
        return (int) rmw(Rmw.OR, address, 4, bits, order);
    }

    @Override
    public int fetchAnd32(long address, int bits, int order) {
        return (int) rmw(Rmw.AND, address, 4, bits, order);
    }

    @Override
    public long read64(long address) {
        return plainLoad(address, 8);
    }

    @Override
    public void write64(long address, long value) {
        plainStore(address, 8, value);
    }

    @Override
    public long readOnce64(long address) {
        return markedLoad(address, 8, Order.RELAXED);
    }

    @Override
    public void writeOnce64(long address, long value) {
        markedStore(address, 8, value, Order.RELAXED);
    }

    @Override
    public long loadAcquire64(long address, int order) {
        return markedLoad(address, 8, order);
    }

    @Override
    public void storeRelease64(long address, long value, int order) {
        markedStore(address, 8, value, order);
    }

    @Override
    public long cmpxchg64(long address, long expected, long desired, int order) {
        return cmpxchg(address, 8, expected, desired, order);
    }

    @Override
    public long xchg64(long address, long value, int order) {
        return rmw(Rmw.XCHG, address, 8, value, order);
    }

    @Override
    public long fetchAdd64(long address, long delta, int order) {
        return rmw(Rmw.ADD, address, 8, delta, order);
    }

    @Override
    public long fetchOr64(long address, long bits, int order) {
        return rmw(Rmw.OR, address, 8, bits, order);
    }

    @Override
    public long fetchAnd64(long address, long bits, int order) {
        return rmw(Rmw.AND, address, 8, bits, order);
    }

    @Override
    public long loadDependent64(long address) {
        long value = readOnce64(address);
        instruments.dereferenced(address);
        return value;
    }

    @Override
    public void clearFrame(long frame) {
        bulk();
        instruments.clears(frame);
        path.mem.clearFrame(frame);
    }

    @Override
    public void copyFrame(long to, long from) {
        bulk();
        instruments.copies(to, from);
        path.mem.copyFrame(to, from);
    }

    /** A fence with the powers of {@code order}: acquire is smp_rmb, release is smp_wmb. */
    private void fence(int order, int barrier) {
        int kind = path.works(barrier) ? order : Order.RELAXED;
        step(Pending.FENCE, NULL, 0, kind);
        path.fence(kind);
        instruments.fence(kind);
    }

    @Override
    public void smpMb(int barrier) {
        fence(Order.FULL, barrier);
    }

    @Override
    public void smpRmb(int barrier) {
        fence(Order.ACQUIRE, barrier);
    }

    @Override
    public void smpWmb(int barrier) {
        fence(Order.RELEASE, barrier);
    }

    @Override
    public void smpMbBeforeAtomic(int barrier) {
        fence(Order.FULL, barrier);
    }

    @Override
    public void smpMbAfterAtomic(int barrier) {
        fence(Order.FULL, barrier);
    }

    @Override
    public void relax() {
        poll();
        steps++;
        do {
            pending.set(Pending.RELAX, NULL, 0, Order.RELAXED);
        } while (pause());
        path.steps();
        // What others wrote is seen in finite time.
        path.fence(Order.ACQUIRE);
    }

    private long await(long address, int width, boolean untilEqual, long mask, long value, int order) {
        // Explored, a wait is one step: looks that fail make no difference, so there is no first look of its own.
        boolean look = driver == null || !onFiber;
        long seen = look ? markedLoad(address, width, order) : 0;
        // Ends when the word changes; the machine reports a CPU that waits too long.
        while (!look || ((seen & mask) == value) != untilEqual) {
            park(address, width, untilEqual, mask, value);
            seen = woken(address, width, order);
            look = true;
        }
        return seen;
    }

    @Override
    public boolean waitsAtOnce() {
        return driver != null && onFiber && path.keepsAll();
    }

    @Override
    public int condLoadEq32(long address, int mask, int value, int order) {
        return (int) await(address, 4, true, mask, value, order);
    }

    @Override
    public int condLoadNe32(long address, int mask, int value, int order) {
        return (int) await(address, 4, false, mask, value, order);
    }

    @Override
    public long condLoadEq64(long address, long mask, long value, int order) {
        return await(address, 8, true, mask, value, order);
    }

    @Override
    public long condLoadNe64(long address, long mask, long value, int order) {
        return await(address, 8, false, mask, value, order);
    }

    /** A whole frame is changed or read at once, as if between two full fences. */
    private void bulk() {
        if (driver != null && onFiber && !path.buffersEmpty()) {
            step(Pending.FENCE, NULL, 0, Order.FULL);
        }
        path.settle();
    }

    /** The load of a wait that was parked: part of the wait, so no scheduling point of its own. */
    private long woken(long address, int width, int order) {
        progress++;
        steps++;
        path.steps();
        long value = path.fresh(address, width, order);
        instruments.read(address, width, order, value);
        return value;
    }

    private void park(long address, int width, boolean untilEqual, long mask, long value) {
        poll();
        if (!onFiber) {
            throw Parking.inVain(address, board.nameOf(address));
        }
        path.waits(untilEqual, mask, value);
        do {
            parking.expect(address, width, untilEqual, mask, value);
            pending.set(Pending.WAIT, address, width, Order.ACQUIRE);
        } while (pause());
        parking.end();
    }

    /** True if the machine may pick this CPU: it is not parked, its word changed, or an interrupt can be served. */
    public boolean runnable() {
        return !parking.parked() || parking.ended() || board.deliverable(this);
    }

    /** True if this CPU is parked on a word that does not fit, but may go on to serve an interrupt. */
    public boolean interrupted() {
        return pending.kind() == Pending.WAIT && parking.parked() && !parking.ended();
    }

    /** The word this CPU spins on, or 0 if it does not spin; for reports. */
    public long waitsOn() {
        return parking.word();
    }

    @Override
    public void poll() {
        if (driver != null && onFiber && driver.pollsAreSteps()) {
            step(Pending.READ, area + InterruptLine.OFFSET, InterruptLine.WIDTH, Order.RELAXED);
            path.polled(area + InterruptLine.OFFSET, InterruptLine.WIDTH);
        }
        if (read32(area + InterruptLine.OFFSET) != 0) {
            board.serve(this);
        }
    }

    @Override
    public void endInterruptible() {
        if (driver == null) {
            poll();
        }
    }

    @Override
    public void switchTo(Fiber next) {
        progress++;
        bulk();
        current = next;
        pending.set(Pending.SWITCH, NULL, 0, Order.FULL);
        if (driver != null) {
            driver.switched();
        }
        Fiber.suspend();
    }

    /** What lies between this CPU and memory. */
    public MemoryPath path() {
        return path;
    }

    /** What this CPU does when it runs again. */
    public Pending pending() {
        return pending;
    }

    /** The 32 bits at {@code address} as this CPU will see them in the end; for instruments and schedulers. */
    public int peek32(long address) {
        return (int) path.peek(address, 4);
    }

    /** As {@link #peek32}, with the width of the access: 4 or 8 bytes. */
    public long peekAt(long address, int width) {
        return path.peek(address, width);
    }

    /** Who is told what this CPU does. */
    public Instruments instruments() {
        return instruments;
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
        // Where it matters who looks first, it is a step to find an interrupt that is there.
        boolean always = waitsAtOnce() && driver.pollsAreSteps() && board.deliverable(this);
        if (always || read32(area + InterruptLine.OFFSET) == 0) {
            parking.expectInterrupt();
            pending.set(Pending.IDLE, NULL, 0, Order.RELAXED);
            pause();
            parking.end();
            path.wokenUp(area + InterruptLine.OFFSET, InterruptLine.WIDTH);
        }
    }

    @Override
    public void raise(int target, int bits) {
        if (driver != null) {
            driver.raised(bits);
        }
        fetchOr32(board.cpu(target).area() + InterruptLine.OFFSET, bits, Order.FULL);
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
    public void tell(int event, long object, long detail) {
        instruments.tell(event, object, detail);
    }

    @Override
    public void expect(int type) {
        instruments.expect(type);
    }

    @Override
    public void mode(int next) {
        // Nobody accounts for virtual time.
    }
}
