package kemu.rcu.badfixture;

import kemu.rcu.badfixture.upper.BadCircle;

/** Names a package that names this one; kemu.tidy.ArchitectureTest wants the circle noticed. */
public final class BadFlavor {
    /** Reaches up. */
    public BadCircle circle() {
        return new BadCircle();
    }
}
