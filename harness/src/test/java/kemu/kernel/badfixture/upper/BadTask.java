package kemu.kernel.badfixture.upper;

import kemu.kernel.badfixture.BadLock;

/** The other half of a circle of packages of the kernel core; kemu.tidy.ArchitectureTest wants it noticed. */
public final class BadTask {
    /** Names the class that names this one. */
    public BadLock held() {
        return null;
    }
}
