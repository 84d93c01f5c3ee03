package kemu.hw.mem;

/**
 * A broken kernel invariant. It halts the emulated machine where it stands: nothing is unlocked or unwound, so the
 * evidence stays in memory.
 *
 * <p>What it is of is a {@link FailureKind}, set where it is raised. The message is for people: no verdict, kind or
 * cause is read from its words.
 */
public class KernelBug extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final FailureKind kind;

    /** A bug of {@code kind} whose head line is {@code message}. */
    public KernelBug(FailureKind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /** A bug of a plugin that does not say of what kind it is: {@link FailureKind#UNKNOWN_BUG}. */
    public KernelBug(String message) {
        this(FailureKind.UNKNOWN_BUG, message);
    }

    /** The same bug, with more to read: {@code message}. */
    public KernelBug saying(String message) {
        return new KernelBug(kind, message);
    }

    /** What kind of failure it is. */
    public FailureKind kind() {
        return kind;
    }
}
