package kemu.hw.cpu;

/**
 * Told every access that a fiber makes on one emulated CPU: the CPU's side of the instruments, while some are attached.
 * An abstract class, not an interface: with one subclass loaded telling it is a direct call.
 */
public abstract class CpuWatch {
    /** For subclasses. */
    protected CpuWatch() {}

    /** The next access is meant for a struct of {@code type}, see {@link Cpu#expect}. */
    public abstract void expect(int type);

    /** What {@link #expect} said of the next access. */
    public abstract int expected();

    /** Kernel code tells of {@code event}, see {@link Event}. */
    public abstract void tell(int event, long object, long detail);

    /** A plain load is about to be made. */
    public abstract void plainRead(long address, int width);

    /** A plain store is about to be made. */
    public abstract void plainWrite(long address, int width);

    /** What a plain store put, which may have had to wait for room in the buffer. */
    public abstract void plainPut(long address, int width, long value);

    /** What a plain load got. */
    public abstract void plainGot(long address, int width, long value);

    /** A marked load of {@code order} got {@code value}. */
    public abstract void read(long address, int width, int order, long value);

    /** The last load was one of an address: accesses through what it got come after it. */
    public abstract void dereferenced(long address);

    /** A marked store of {@code order} put {@code value}. */
    public abstract void write(long address, int width, int order, long value);

    /** An atomic of {@code order} is about to be made. */
    public abstract void atomic(long address, int width, int order);

    /** What an atomic found and left. */
    public abstract void changed(long address, int width, long old, long now, boolean stored);

    /** An atomic that stores {@code desired} if the word, which was {@code old}, is {@code expected}. */
    public abstract void exchanged(long address, int width, int order, long expected, long desired, long old);

    /** A fence with the powers of {@code order}. */
    public abstract void fence(int order);

    /** The frame at {@code frame} is about to be cleared. */
    public abstract void clears(long frame);

    /** The frame at {@code from} is about to be copied over the one at {@code to}. */
    public abstract void copies(long to, long from);
}
