package kemu.mm.vma;

/**
 * Makes a {@link VmaLookup} for a kernel. Jars from outside are found with {@link java.util.ServiceLoader}; the name is
 * the only key.
 */
public interface VmaLookupProvider {
    /** The name used on the command line. */
    String name();

    /** One line for listings: where the algorithm comes from. */
    String description();

    /** True if the lookup is known to be wrong and kept to be convicted. */
    boolean knownBad();

    /** What the lookup needs behind the structs of mm and VMA. Asked once, at boot. */
    default VmaMemory memory() {
        return VmaMemory.NOTHING;
    }

    /** The lookup for a kernel with these services. Called once, while the kernel boots. */
    VmaLookup create(VmaServices services);
}
