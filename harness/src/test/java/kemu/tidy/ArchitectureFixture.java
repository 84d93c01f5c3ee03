package kemu.tidy;

/** Something above rcu for the bad fixture to depend on. */
public final class ArchitectureFixture {}
