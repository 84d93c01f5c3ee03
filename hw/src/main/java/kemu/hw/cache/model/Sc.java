package kemu.hw.cache.model;

/** Sequential consistency: accesses happen in program order, each seen by all CPUs at once. */
public final class Sc extends MemoryModelProvider {
    @Override
    public String name() {
        return "sc";
    }

    @Override
    public String description() {
        return "sequential consistency: every access is seen by all at once";
    }
}
