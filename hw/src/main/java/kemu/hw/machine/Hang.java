package kemu.hw.machine;

import kemu.hw.mem.KernelBug;

/** Every CPU waits and none can go on. The message says who waits for what, and who holds it. */
public final class Hang extends KernelBug {
    private static final long serialVersionUID = 1L;

    /** A hang described by {@code report}. */
    public Hang(String report) {
        super(report);
    }
}
