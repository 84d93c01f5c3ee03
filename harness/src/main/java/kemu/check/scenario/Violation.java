package kemu.check.scenario;

import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;

/** What a scenario itself finds wrong, in a task of its or at its end, with its kind. */
public final class Violation extends KernelBug {
    private static final long serialVersionUID = 1L;

    /** A failure of {@code kind} whose head line is {@code message}. */
    public Violation(FailureKind kind, String message) {
        super(kind, message);
    }

    @Override
    public Violation saying(String message) {
        return new Violation(kind(), message);
    }
}
