package kemu.kernel.badfixture;

import kemu.kernel.badfixture.upper.BadTask;

/** A lock that names the tasks built on it; kemu.tidy.ArchitectureTest wants the circle noticed. */
public final class BadLock {
    /** Names the class that names this one. */
    public BadTask waiter() {
        return null;
    }
}
