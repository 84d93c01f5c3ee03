package kemu.mm.fault;

import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/**
 * handle_mm_fault and the faults it serves.
 */
public final class Faults {
    /** Served without I/O. */
    public static final int MINOR = 0;
    /** Served with I/O (swap-in, first read of a file page). */
    public static final int MAJOR = 4;
    /** No VMA, or the access is not allowed there. */
    public static final int SIGSEGV = -1;
    /** No memory. */
    public static final int OOM = -2;

    private final Kernel kernel;

    /** Part of {@code kernel}; boot only. */
    public Faults(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Serves a fault of the current task at {@code address}: finds the VMA under mmap_sem (R) and maps a page. Returns one of the codes. Context: no locks held, may sleep. */
    public int handleMmFault(Cpu cpu, long mm, long address, boolean write) {
        throw new UnsupportedOperationException("Faults");
    }
}
