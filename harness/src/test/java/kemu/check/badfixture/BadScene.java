package kemu.check.badfixture;

import kemu.check.badfixture.upper.BadRegistry;

/** Names the package that lists it; kemu.tidy.ArchitectureTest wants the circle noticed. */
public final class BadScene {
    /** Where it is listed. */
    public BadRegistry listed() {
        return null;
    }
}
