package kemu.hw.cpu;

import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;

/**
 * Whether an {@link EmuCpu} is parked, and for what it waits: a word that is, or is no longer, a value under a mask; or
 * only an interrupt.
 */
final class Parking {
    private final MemoryPath path;
    private boolean parked;
    private long address;
    private int width;
    private boolean untilEqual;
    private long mask;
    private long value;

    /** Of the CPU that sees memory through {@code path}. */
    Parking(MemoryPath path) {
        this.path = path;
    }

    /** Parks until the {@code width} bytes at {@code at} are as wanted. */
    void expect(long at, int bytes, boolean equal, long ofMask, long ofValue) {
        parked = true;
        address = at;
        width = bytes;
        untilEqual = equal;
        mask = ofMask;
        value = ofValue;
    }

    /** Parks for no word: only an interrupt ends it. */
    void expectInterrupt() {
        parked = true;
        address = Cpu.NULL;
    }

    /** The CPU goes on. */
    void end() {
        parked = false;
    }

    boolean parked() {
        return parked;
    }

    /** Address of the word waited for, 0 if there is none or the CPU is not parked. */
    long word() {
        return parked ? address : Cpu.NULL;
    }

    /** True if {@code seen} of the word ends the wait. */
    private boolean endedBy(long seen) {
        return ((seen & mask) == value) == untilEqual;
    }

    /** True if the word waited for, as this CPU will see it in the end, ends the wait. */
    boolean ended() {
        return address != Cpu.NULL && endedBy(path.peek(address, width));
    }

    /** Boot code waits for the word {@code name} at {@code address}: nobody else runs. */
    static KernelBug inVain(long address, String name) {
        return new KernelBug(
                FailureKind.HANG,
                "BUG: boot code waits for a word that nobody can change at 0x" + Long.toHexString(address) + " (" + name
                        + ")");
    }
}
