package kemu.hw.cpu;

/** Where the interrupts that are pending for a CPU are: the first word of its per-CPU area, one bit for each cause. */
public final class InterruptLine {
    /** Bytes from the start of the area. */
    public static final int OFFSET = 0;
    /** Bytes of the word. */
    public static final int WIDTH = 4;

    private InterruptLine() {}
}
