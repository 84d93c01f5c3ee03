package kemu.hw.cpu;

import kemu.hw.order.Order;

/**
 * What a suspended {@link EmuCpu} does when it runs again: the pending operation. Written where the CPU suspends, so
 * that going on costs nothing. Every run of one access executes exactly this and suspends before the next.
 */
public final class Pending {
    /** Not known: the CPU has not run yet. */
    public static final int NONE = 0;
    /** A marked load. */
    public static final int READ = 1;
    /** A marked store; with store buffers it becomes visible later, by a drain. */
    public static final int WRITE = 2;
    /** A read-modify-write. */
    public static final int RMW = 3;
    /** A fence. */
    public static final int FENCE = 4;
    /** A wait for a word, parked until the word has changed; then the load that sees it. */
    public static final int WAIT = 5;
    /** A round of a spin loop that names no word. */
    public static final int RELAX = 6;
    /** Idle until an interrupt. */
    public static final int IDLE = 7;
    /** A switch to another task has just happened; it goes on to its next access. */
    public static final int SWITCH = 8;

    private final MemoryPath path;
    private int kind = NONE;
    private long address;
    private int width;
    private int order = Order.RELAXED;

    Pending(MemoryPath path) {
        this.path = path;
    }

    void set(int ofKind, long at, int bytes, int ofOrder) {
        kind = ofKind;
        address = at;
        width = bytes;
        order = ofOrder;
    }

    /** Which of the above it is. */
    public int kind() {
        return kind;
    }

    /** Address of its word, 0 if it has none. */
    public long address() {
        return address;
    }

    /** Bytes of its word, 0 if it has none. */
    public int width() {
        return width;
    }

    /**
     * True if it is a fence or an atomic that would first make stores of this CPU visible. A scheduler that chooses
     * every drain by itself does not run the CPU before this is false.
     */
    public boolean drains() {
        return path.drainsFirst(kind, address, width, order);
    }

    /**
     * Index for {@link MemoryPath#deliver} of the old value that it would return if it is a load, or -1 if it has none
     * to return. Delivering it first and not delivering it are the two results the load can have.
     */
    public int stale() {
        boolean load = kind == READ && path.buffers() != null;
        return load ? path.buffers().staleIndex(address, width) : -1;
    }
}
