package kemu.hw.cpu;

/**
 * Told what every access of a task got from memory and put there, when it happens: for whoever tells an execution
 * afterwards, when memory has moved on. An instrument; it changes nothing. Attached only while a story is told.
 */
public interface Recorder {
    /** CPU {@code cpu} is about to do what one of the other methods tells next; an oracle may stop it before. */
    void begins(int cpu, long address, int width, boolean write);

    /** A load got {@code value}, which need not be what memory holds. */
    void read(int cpu, long address, int width, boolean marked, long value);

    /** A store of {@code value}; others see it when it is {@link #drained}, or at once where nothing is buffered. */
    void wrote(int cpu, long address, int width, boolean marked, long value);

    /** An atomic found {@code old} and left {@code now}; {@code stored} unless it is one that compares and failed. */
    void changed(int cpu, long address, int width, long old, long now, boolean stored);

    /** A fence with the powers of {@code order}. */
    void fence(int cpu, int order);

    /** A buffered store became visible: the word held {@code old} for all others, and holds {@code value} now. */
    void drained(int cpu, long address, int width, long old, long value);

    /** The whole frame at {@code to} now holds what the one at {@code from} holds, zero bytes if that is NULL. */
    void filled(int cpu, long to, long from);

    /** Kernel code tells of {@code event}, see {@link Event}. */
    void told(int cpu, int event, long object, long detail);
}
