package kemu.mm.badfixture.upper;

import kemu.mm.badfixture.BadKernelUser;

/** The other half of a circle of packages; kemu.tidy.ArchitectureTest wants it noticed. */
public final class BadCircle {
    /** Names the class that names this one. */
    public BadKernelUser back() {
        return null;
    }
}
