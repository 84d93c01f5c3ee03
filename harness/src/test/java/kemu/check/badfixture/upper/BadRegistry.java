package kemu.check.badfixture.upper;

import kemu.check.badfixture.BadScene;

/** The other half of a circle of packages. */
public final class BadRegistry {
    /** What it lists. */
    public BadScene first() {
        return null;
    }
}
