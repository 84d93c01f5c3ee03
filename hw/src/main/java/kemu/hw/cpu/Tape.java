package kemu.hw.cpu;

/**
 * Told what one explored CPU does that others can notice, in program order: marked accesses, fences, and all stores.
 * Orders are those in force: that of a weakened barrier is relaxed. Plain loads are not told; where no race is found
 * they have one result.
 */
public abstract class Tape {
    /** Operation of an atomic that compares and exchanges. */
    public static final int COMPARE = -1;

    /** For subclasses. */
    protected Tape() {}

    /** Number of the next event, from 0. */
    public abstract int next();

    /** The CPU takes a step: the next event is what it does first. */
    public abstract void steps();

    /**
     * A marked load got {@code value}.
     *
     * @param source the last event by which an address was loaded that this one depends on, or -1
     * @param own the word is one that only this CPU buffers nothing of
     */
    public abstract void load(long address, int width, int order, long value, int source, boolean own);

    /** A store, plain or marked; {@code number} in the store buffer, 0 if it is not buffered. */
    public abstract void store(long address, int width, int order, long value, long number);

    /** An atomic {@code op}, one of {@link kemu.hw.cache.Rmw} or {@link #COMPARE}, found {@code old}. */
    public abstract void atomic(long address, int width, int order, int op, long operand, long expected, long old);

    /** A fence with the powers of {@code kind}. */
    public abstract void fence(int kind);

    /** The CPU waits until a word, under {@code mask}, is {@code value}, or is not. */
    public abstract void waits(boolean untilEqual, long mask, long value);

    /** The wait is over: the word has {@code value}. */
    public abstract void awaited(long address, int width, int order, long value);
}
