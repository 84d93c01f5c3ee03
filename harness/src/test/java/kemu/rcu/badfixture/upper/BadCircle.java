package kemu.rcu.badfixture.upper;

import kemu.rcu.badfixture.BadFlavor;

/** The other half of a circle of packages; kemu.tidy.ArchitectureTest wants it noticed. */
public final class BadCircle {
    /** Names the class that names this one. */
    public BadFlavor back() {
        return null;
    }
}
