package kemu.mm;

/**
 * How the kernel is built.
 *
 * @param anonVma name of the anon_vma locking strategy
 * @param swapPages size of the swap area in pages; 0 for none
 */
public record KernelConfig(String anonVma, int swapPages) {
    /** The defaults: the fixed locking of 2.6.36, and {@code swapPages} of swap. */
    public static KernelConfig of(int swapPages) {
        return new KernelConfig("root-recheck", swapPages);
    }
}
