package kemu.mm.vma;

import kemu.mm.strategy.Strategy;

/**
 * Makes a {@link VmaLookup} for a kernel. Jars from outside are found with {@link java.util.ServiceLoader}; the name is
 * the only key.
 */
public interface VmaLookupProvider extends Strategy {
    /** What the lookup needs behind the structs of mm and VMA. Asked once, at boot. */
    default VmaMemory memory() {
        return VmaMemory.NOTHING;
    }

    /** The lookup for a kernel with these services. Called once, while the kernel boots. */
    VmaLookup create(VmaServices services);
}
