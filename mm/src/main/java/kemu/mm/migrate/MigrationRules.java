package kemu.mm.migrate;

import kemu.mm.rmap.AnonVmaServices;
import kemu.mm.rmap.AnonVmas;

/** Where kernels differ in how they move pages. The methods are those of the default. */
public interface MigrationRules {
    /** What keeps the anon_vma. Boot only. */
    MigrationPin pin(AnonVmaServices services, AnonVmas anonVmas);

    /** True if the walk that takes entries away looks at a pte before it locks it, and passes one that looks empty. */
    default boolean peeks() {
        return false;
    }

    /** True if an anonymous page is one no more as soon as it has moved, while ptes still have entries of it. */
    default boolean resetsMapping() {
        return false;
    }

    /** True if memory failure kills whoever might map the page, and does not look whether he does. */
    default boolean killsUnmapped() {
        return false;
    }

    /** True if contents are copied while ptes still map the page, which no kernel does. */
    default boolean copiesFirst() {
        return false;
    }

    /** True if the walk that puts entries in place passes over the stack of an exec, which is about to move. */
    default boolean skipsTemporaryStacks() {
        return true;
    }
}
