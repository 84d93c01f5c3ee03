package kemu.hw.machine;

import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;

/**
 * Nobody can go on: every CPU waits, or a CPU or task has waited for longer than the {@link Watchdog} allows. The
 * message says who waits for what, and who holds it.
 */
public final class Hang extends KernelBug {
    private static final long serialVersionUID = 1L;

    /** A hang described by {@code report}. */
    public Hang(String report) {
        super(FailureKind.HANG, report);
    }

    @Override
    public Hang saying(String report) {
        return new Hang(report);
    }
}
