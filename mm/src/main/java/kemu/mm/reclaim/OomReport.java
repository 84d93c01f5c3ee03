package kemu.mm.reclaim;

/** Told, line by line, what the kernel log would say when the OOM killer kills. */
@FunctionalInterface
public interface OomReport {
    /** One line in the kernel's wording. Called on the CPU that ran out of memory; any host thread. */
    void line(String text);
}
