package kemu.hw.cpu;

import kemu.hw.cache.CpuBuffers;
import kemu.hw.cache.Rmw;
import kemu.hw.mem.TouchedFrames;
import kemu.hw.order.Order;

/**
 * What lies between an emulated CPU and memory: nothing, or a store buffer and an invalidate queue, whose next effects
 * a scheduler may list and choose; and the barriers that have been made to do nothing.
 */
public final class MemoryPath {
    final TouchedFrames mem;
    /** Store buffer and invalidate queue while a memory model is in force, else null. */
    CpuBuffers buffers;
    /** Told of accesses that others can notice, while a search wants to know; else null. */
    Tape tape;
    /** Ids of barriers that do nothing on this machine; null if all work. */
    private boolean[] weakened;
    /** A barrier that does nothing has been met. */
    private boolean reached;

    MemoryPath(TouchedFrames mem) {
        this.mem = mem;
    }

    /** Puts the accesses of this CPU through {@code path}, or straight to memory if null. The machine calls this. */
    public void attach(CpuBuffers path, boolean[] weakenedBarriers) {
        buffers = path;
        weakened = weakenedBarriers;
    }

    /** From now on {@code listener} is told of accesses, as long as a memory model is in force; null for nobody. */
    public void tell(Tape listener) {
        tape = listener;
    }

    /** Runs {@code look}, which sees memory as it is, whatever this CPU has buffered. */
    void unbuffered(Runnable look) {
        CpuBuffers path = buffers;
        Tape listener = tape;
        buffers = null;
        tape = null;
        try {
            look.run();
        } finally {
            // A name that cannot be found is no reason to lose the path to memory.
            buffers = path;
            tape = listener;
        }
    }

    /** Store buffer and invalidate queue while a memory model is in force, else null; for reports and hashes. */
    public CpuBuffers buffers() {
        return buffers;
    }

    /** Number of buffered stores that may become visible next; none where memory is sequentially consistent. */
    public int drainable() {
        return buffers == null ? 0 : buffers.drainable();
    }

    /** Address of the word that {@link #drain} {@code k} would write. */
    public long drainTarget(int k) {
        return buffers.drainTarget(k);
    }

    /** Makes one buffered store visible. {@code k} is below {@link #drainable}. */
    public void drain(int k) {
        buffers.drain(k);
    }

    /** Number of words of which this CPU still sees an old value. */
    public int deliverable() {
        return buffers == null ? 0 : buffers.deliverable();
    }

    /** Address of the word that {@link #deliver} {@code k} would bring up to date. */
    public long deliverTarget(int k) {
        return buffers.deliverTarget(k);
    }

    /** Lets this CPU see the present value of one word. {@code k} is below {@link #deliverable}. */
    public void deliver(int k) {
        buffers.deliver(k);
    }

    /** The same, for a load that waits to be of {@code width} bytes at {@code address}. */
    public void deliver(int k, long address, int width) {
        buffers.deliver(k, address, width);
    }

    /** True if all stores of this CPU are visible to the others. */
    public boolean buffersEmpty() {
        return buffers == null || buffers.isEmpty();
    }

    /** True if any code so far has met a barrier that does nothing. */
    public boolean reachedWeakened() {
        return reached;
    }

    /** True unless the barrier is weakened on this machine. */
    boolean works(int barrier) {
        if (weakened == null || barrier >= weakened.length || !weakened[barrier]) {
            return true;
        }
        reached = true;
        return false;
    }

    /** {@code order}, or none at all if its barrier is weakened on this machine. */
    int effective(int order) {
        return works(Order.barrier(order)) ? order : Order.RELAXED;
    }

    long load(long address, int width) {
        return buffers != null ? buffers.load(address, width) : mem.load(address, width);
    }

    long load(long address, int width, int order) {
        if (tape != null && buffers != null) {
            return told(address, width, effective(order));
        }
        return buffers != null ? buffers.load(address, width, effective(order)) : mem.load(address, width);
    }

    /** The CPU takes a step. */
    void steps() {
        if (tape != null) {
            tape.steps();
        }
    }

    /** See {@link Tape#waits}. */
    void waits(boolean untilEqual, long mask, long value) {
        if (tape != null) {
            tape.waits(untilEqual, mask, value);
        }
    }

    /** The CPU has looked at its interrupt line, the word at {@code line}. */
    void polled(long line, int width) {
        if (tape != null) {
            tape.load(line, width, Order.RELAXED, load(line, width), -1, true);
        }
    }

    private long told(long address, int width, int order) {
        buffers.turn(tape.next());
        int source = buffers.sourceTurn(address);
        long value = buffers.load(address, width, order);
        tape.load(address, width, order, value, source, buffers.isPrivate(address));
        return value;
    }

    /** True if the last load returned a value that another CPU had overwritten by then. */
    public boolean loadedOld() {
        return buffers != null && buffers.loadedOld();
    }

    /** The number of the last buffered store, see {@link CpuBuffers#stored}; 0 where none are buffered. */
    public long stored() {
        return buffers == null ? 0 : buffers.stored();
    }

    /** A store; the buffer, if there is one, has room. */
    void store(long address, int width, long value, int order) {
        if (buffers != null) {
            int effective = effective(order);
            buffers.store(address, width, value, effective);
            if (tape != null) {
                boolean alone = buffers.isPrivate(address);
                tape.store(address, width, effective, value, alone ? 0 : buffers.stored());
            }
        } else {
            mem.put(address, width, value);
        }
    }

    /** True if a store would first have to make an older one visible. */
    boolean isFull() {
        return buffers != null && buffers.isFull();
    }

    /** A fence of {@code kind}, a kind of {@link Order}. */
    void fence(int kind) {
        if (buffers != null) {
            if (tape != null) {
                buffers.turn(tape.next());
                tape.fence(kind);
            }
            buffers.fence(kind);
        }
    }

    /** Before whole frames are read or written past the buffers: nothing is left in them, whatever fences do. */
    void settle() {
        if (buffers != null) {
            buffers.settle();
        }
    }

    /** The load that ends a wait: what others wrote has been seen. */
    long fresh(long address, int width, int order) {
        if (buffers == null) {
            return load(address, width, order);
        }
        buffers.fresh(address, width);
        int effective = effective(order);
        if (tape != null) {
            buffers.turn(tape.next());
        }
        long value = buffers.load(address, width, effective);
        if (tape != null) {
            tape.awaited(address, width, effective, value);
        }
        return value;
    }

    /** True if every store, and every old value, may be seen: {@link CpuBuffers#keepAll}. */
    boolean keepsAll() {
        return buffers != null && buffers.keepsAll();
    }

    /** An interrupt, in the word at {@code line}, has ended the idleness of this CPU. */
    void wokenUp(long line, int width) {
        if (tape != null && buffers != null) {
            tape.steps();
            tape.waits(false, -1, 0);
            tape.awaited(line, width, Order.RELAXED, load(line, width));
        }
    }

    /** A word as this CPU will see it in the end. Changes nothing. */
    long peek(long address, int width) {
        return buffers != null ? buffers.peek(address, width) : mem.load(address, width);
    }

    /** Applies {@link Rmw} operation {@code op}; the old value. */
    long change(int op, long address, int width, long operand, int order) {
        if (buffers != null) {
            int effective = effective(order);
            if (tape != null) {
                buffers.turn(tape.next());
            }
            long old = buffers.rmw(op, address, width, operand, effective);
            if (tape != null) {
                tape.atomic(address, width, effective, op, operand, 0, old);
            }
            return old;
        }
        long old = mem.load(address, width);
        mem.put(address, width, Rmw.apply(op, old, operand));
        return old;
    }

    /** Compare and exchange; the old value. */
    long exchange(long address, int width, long expected, long desired, int order) {
        if (buffers != null) {
            int effective = effective(order);
            if (tape != null) {
                buffers.turn(tape.next());
            }
            long old = buffers.cmpxchg(address, width, expected, desired, effective);
            if (tape != null) {
                tape.atomic(address, width, effective, Tape.COMPARE, desired, expected, old);
            }
            return old;
        }
        long old = mem.load(address, width);
        if (old == expected) {
            mem.put(address, width, desired);
        }
        return old;
    }

    /** True if an operation of {@link Pending} would first make stores of this CPU visible. */
    boolean drainsFirst(int kind, long address, int width, int order) {
        if (buffersEmpty()) {
            return false;
        }
        return switch (kind) {
            case Pending.FENCE -> buffers.fenceDrains(order);
            case Pending.WRITE -> buffers.storeDrains(effective(order));
            case Pending.RMW -> buffers.rmwDrains(address, width, effective(order));
            default -> false;
        };
    }
}
