package kemu.mm.fault;

import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/**
 * What a user-mode instruction does to memory: walk the page table, fault, access.
 */
public final class UserAccess {
    private final Kernel kernel;

    /** Part of {@code kernel}; boot only. */
    public UserAccess(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Stores a word of the current mm; 0 or a negative fault code. Context: user mode. */
    public int store64(Cpu cpu, long mm, long address, long value) {
        throw new UnsupportedOperationException("UserAccess");
    }

    /** Loads a word and compares; 0 if equal, 1 if different ({@link #lastValue}), or a negative fault code. */
    public int load64(Cpu cpu, long mm, long address, long expected) {
        throw new UnsupportedOperationException("UserAccess");
    }
}
