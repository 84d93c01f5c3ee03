package kemu.hw.badfixture.upper;

import kemu.hw.badfixture.BadCoreUser;

/** The other half of a circle of packages of the machine; kemu.tidy.ArchitectureTest wants it noticed. */
public final class BadBoard {
    /** Names the class that names this one. */
    public BadCoreUser back() {
        return null;
    }
}
