package kemu.hw.cpu;

/**
 * What a parked {@link EmuCpu} waits for: a word that is, or is no longer, a value under a mask; or only an interrupt.
 */
final class AwaitedWord {
    private long address;
    private int width;
    private boolean untilEqual;
    private long mask;
    private long value;

    /** Waits for the {@code width} bytes at {@code at}. */
    void expect(long at, int bytes, boolean equal, long ofMask, long ofValue) {
        address = at;
        width = bytes;
        untilEqual = equal;
        mask = ofMask;
        value = ofValue;
    }

    /** Waits for no word: only an interrupt ends it. */
    void expectInterrupt() {
        address = Cpu.NULL;
    }

    /** Address of the word, 0 if only an interrupt is waited for. */
    long address() {
        return address;
    }

    int width() {
        return width;
    }

    /** True if {@code word} ends the wait. */
    boolean endedBy(long word) {
        return ((word & mask) == value) == untilEqual;
    }
}
