package kemu.mm.badfixture;

import kemu.tidy.ArchitectureFixture;

/** Depends on a higher module on purpose; kemu.tidy.ArchitectureTest wants it noticed. */
public final class BadUpwards {
    final ArchitectureFixture above = new ArchitectureFixture();
}
