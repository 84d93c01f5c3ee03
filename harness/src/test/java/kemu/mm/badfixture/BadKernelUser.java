package kemu.mm.badfixture;

import kemu.mm.Kernel;
import kemu.mm.badfixture.upper.BadCircle;

/** Names the kernel it is part of, and closes a circle; kemu.tidy.ArchitectureTest wants both noticed. */
public final class BadKernelUser {
    /** Reaches up to the wiring. */
    public BadCircle circle(Kernel kernel) {
        return kernel.machine() == null ? null : new BadCircle();
    }
}
