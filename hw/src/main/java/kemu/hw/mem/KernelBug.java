package kemu.hw.mem;

/**
 * A broken kernel invariant. It halts the emulated machine where it stands: nothing is unlocked or unwound, so the
 * evidence stays in memory.
 */
public class KernelBug extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** A bug whose head line is {@code message}. */
    public KernelBug(String message) {
        super(message);
    }
}
