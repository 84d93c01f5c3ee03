package kemu.hw.cpu;

import kemu.hw.cache.CpuBuffers;
import kemu.hw.cache.Rmw;
import kemu.hw.mem.TouchedFrames;
import kemu.hw.order.Order;

/**
 * What lies between an emulated CPU and memory: nothing, or a store buffer and an invalidate queue, whose next effects
 * a scheduler may list and choose; and the barriers that have been made to do nothing.
 */
abstract sealed class MemoryPath permits EmuCpu {
    final TouchedFrames mem;
    /** Store buffer and invalidate queue while a memory model is in force, else null. */
    CpuBuffers buffers;
    /** Ids of barriers that do nothing on this machine; null if all work. */
    private boolean[] weakened;
    /** A barrier that does nothing has been met. */
    private boolean reached;

    // What the suspended fiber does next; written where it suspends, so that going on costs nothing.
    private int pendingKind = Pending.NONE;
    private long pendingAddress;
    private int pendingWidth;
    private int pendingOrder = Order.RELAXED;

    /** Told of every access a fiber makes; null unless instruments are attached and a fiber runs. */
    CpuWatch watch;

    private CpuWatch attachedWatch;

    MemoryPath(TouchedFrames mem) {
        this.mem = mem;
    }

    /** Puts the accesses of this CPU through {@code path}, or straight to memory if null. The machine calls this. */
    public final void attach(CpuBuffers path, boolean[] weakenedBarriers) {
        buffers = path;
        weakened = weakenedBarriers;
    }

    /** From now on fibers' accesses are told to {@code to}; null for nobody. The machine calls this. */
    public final void attach(CpuWatch to) {
        attachedWatch = to;
    }

    /** Accesses off fibers are told to {@code to}; null for nobody. The machine calls this, between runs. */
    public final void watch(CpuWatch to) {
        watch = to;
    }

    /** Accesses are told to whoever is attached, or to nobody. */
    final void watching(boolean value) {
        watch = value ? attachedWatch : null;
    }

    /**
     * Runs {@code look}, which reads memory as it is through this CPU and changes nothing: no steps of any task, and
     * nobody is told. For names in reports, at any moment of an execution.
     */
    public final void aside(Runnable look) {
        CpuBuffers path = buffers;
        CpuWatch watched = watch;
        buffers = null;
        watch = null;
        try {
            uncounted(look);
        } finally {
            // A name that cannot be found is no reason to lose the path to memory.
            buffers = path;
            watch = watched;
        }
    }

    /** Runs {@code look}, whose accesses are no steps. */
    abstract void uncounted(Runnable look);

    /** See {@link Cpu#tell}. */
    public final void tell(int event, long object, long detail) {
        if (watch != null) {
            watch.tell(event, object, detail);
        }
    }

    /** See {@link Cpu#expect}. */
    public final void expect(int type) {
        if (watch != null) {
            watch.expect(type);
        }
    }

    /** What {@link #expect} said of the next access. */
    final int expected() {
        return watch == null ? 0 : watch.expected();
    }

    /** Store buffer and invalidate queue while a memory model is in force, else null; for reports and hashes. */
    public final CpuBuffers buffers() {
        return buffers;
    }

    /** Number of buffered stores that may become visible next; none where memory is sequentially consistent. */
    public final int drainable() {
        return buffers == null ? 0 : buffers.drainable();
    }

    /** Address of the word that {@link #drain} {@code k} would write. */
    public final long drainTarget(int k) {
        return buffers.drainTarget(k);
    }

    /** Makes one buffered store visible. {@code k} is below {@link #drainable}. */
    public final void drain(int k) {
        buffers.drain(k);
    }

    /** Number of words of which this CPU still sees an old value. */
    public final int deliverable() {
        return buffers == null ? 0 : buffers.deliverable();
    }

    /** Address of the word that {@link #deliver} {@code k} would bring up to date. */
    public final long deliverTarget(int k) {
        return buffers.deliverTarget(k);
    }

    /** Lets this CPU see the present value of one word. {@code k} is below {@link #deliverable}. */
    public final void deliver(int k) {
        buffers.deliver(k);
    }

    /** True if all stores of this CPU are visible to the others. */
    public final boolean buffersEmpty() {
        return buffers == null || buffers.isEmpty();
    }

    /** True if any code so far has met a barrier that does nothing. */
    public final boolean reachedWeakened() {
        return reached;
    }

    /** True unless the barrier is weakened on this machine. */
    final boolean works(int barrier) {
        if (weakened == null || barrier >= weakened.length || !weakened[barrier]) {
            return true;
        }
        reached = true;
        return false;
    }

    /** {@code order}, or none at all if its barrier is weakened on this machine. */
    final int effective(int order) {
        return works(Order.barrier(order)) ? order : Order.RELAXED;
    }

    final long load(long address, int width) {
        return buffers != null ? buffers.load(address, width) : mem.load(address, width);
    }

    final long load(long address, int width, int order) {
        return buffers != null ? buffers.load(address, width, effective(order)) : mem.load(address, width);
    }

    /** A word as this CPU will see it in the end. Changes nothing. */
    final long peek(long address, int width) {
        return buffers != null ? buffers.peek(address, width) : mem.load(address, width);
    }

    /** As {@link #peek}; for whoever decides what this CPU does next. */
    public final int peek32(long address) {
        return (int) peek(address, 4);
    }

    /** As {@link #peek}, with the width of the access: 4 or 8 bytes. */
    public final long peekAt(long address, int width) {
        return peek(address, width);
    }

    /** Applies {@link Rmw} operation {@code op}; the old value. */
    final long change(int op, long address, int width, long operand, int order) {
        if (buffers != null) {
            return buffers.rmw(op, address, width, operand, effective(order));
        }
        long old = mem.load(address, width);
        mem.put(address, width, Rmw.apply(op, old, operand));
        return old;
    }

    /** Compare and exchange; the old value. */
    final long exchange(long address, int width, long expected, long desired, int order) {
        if (buffers != null) {
            return buffers.cmpxchg(address, width, expected, desired, effective(order));
        }
        long old = mem.load(address, width);
        if (old == expected) {
            mem.put(address, width, desired);
        }
        return old;
    }

    final void pending(int kind, long address, int width, int order) {
        pendingKind = kind;
        pendingAddress = address;
        pendingWidth = width;
        pendingOrder = order;
    }

    /**
     * What the CPU does when it runs again: a kind of {@link Pending}. Every {@code run} of one access executes exactly
     * this and suspends before the next.
     */
    public final int pendingKind() {
        return pendingKind;
    }

    /** Address of the pending access, 0 if it has none. */
    public final long pendingAddress() {
        return pendingAddress;
    }

    /** Bytes of the pending access, 0 if it has none. */
    public final int pendingWidth() {
        return pendingWidth;
    }

    /** {@link Order} of the pending access. */
    public final int pendingOrder() {
        return pendingOrder;
    }

    /**
     * True if the pending fence or atomic would first make stores of this CPU visible. A scheduler that chooses every
     * drain by itself does not run the CPU before this is false.
     */
    public final boolean pendingDrains() {
        return buffers != null && drainsFirst(pendingKind, pendingAddress, pendingWidth, pendingOrder);
    }

    final boolean drainsFirst(int kind, long address, int width, int order) {
        if (buffers.isEmpty()) {
            return false;
        }
        return switch (kind) {
            case Pending.FENCE -> order == Order.FULL;
            case Pending.RMW -> buffers.rmwDrains(address, width, effective(order));
            default -> false;
        };
    }

    /**
     * Index for {@link #deliver} of the old value that the pending load would return, or -1 if it has none to return.
     * Delivering it first and not delivering it are the two results the load can have.
     */
    public final int pendingStale() {
        boolean load = pendingKind == Pending.READ && buffers != null;
        return load ? buffers.staleIndex(pendingAddress, pendingWidth) : -1;
    }
}
