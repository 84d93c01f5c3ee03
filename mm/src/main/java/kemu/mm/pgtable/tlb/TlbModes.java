package kemu.mm.pgtable.tlb;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import kemu.mm.pgtable.TlbMode;

/**
 * TLBs by name: none, the kernel's way to flush one that is explored, and the same with one flush elsewhere, most of
 * which is wrong and kept for the scenario that convicts it. The command line offers none; a scenario configures its
 * kernel.
 */
public final class TlbModes {
    /** The default: no entry outlives its access. */
    public static final String NONE = "none";
    /** Entries stay until flushed. */
    public static final String EXPLORED = "explored";
    /** The same, and fork flushes after each pte. */
    public static final String FORK_EACH_PTE = "fork-each-pte";
    /** The same, and fork does not flush. */
    public static final String FORK_NO_FLUSH = "fork-no-flush";
    /** The same, and mprotect does not flush. */
    public static final String MPROTECT_NO_FLUSH = "mprotect-no-flush";
    /** The same, and munmap frees before it flushes. */
    public static final String FREE_FIRST = "free-first";
    /** The same, and mremap flushes once, after it has let go of the ptes: 3.2 to 4.18. */
    public static final String MREMAP_FLUSH_LAST = "mremap-flush-last";
    /** The same without TLBs. */
    public static final String MREMAP_FLUSH_LAST_NONE = "mremap-flush-last-none";

    /** Suppliers, so that a class is loaded only where its rule is chosen and calls to the default stay direct. */
    private static final Map<String, Supplier<TlbMode>> BY_NAME = new TreeMap<>(Map.of(
            NONE, () -> new TlbMode(false, new KernelFlushes()),
            EXPLORED, () -> new TlbMode(true, new KernelFlushes()),
            FORK_EACH_PTE, () -> new TlbMode(true, new ForkEachPte()),
            FORK_NO_FLUSH, () -> new TlbMode(true, new ForkNoFlush()),
            MPROTECT_NO_FLUSH, () -> new TlbMode(true, new MprotectNoFlush()),
            FREE_FIRST, () -> new TlbMode(true, new FreeFirst()),
            MREMAP_FLUSH_LAST, () -> new TlbMode(true, new MremapFlushLast()),
            MREMAP_FLUSH_LAST_NONE, () -> new TlbMode(false, new MremapFlushLast())));

    private TlbModes() {}

    /** All names. */
    public static String[] names() {
        return BY_NAME.keySet().toArray(new String[0]);
    }

    /**
     * The mode called {@code name}.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    public static TlbMode byName(String name) {
        Supplier<TlbMode> mode = BY_NAME.get(name);
        if (mode == null) {
            throw new IllegalArgumentException("tlb: " + name + " (allowed: " + String.join(", ", names()) + ")");
        }
        return mode.get();
    }
}
