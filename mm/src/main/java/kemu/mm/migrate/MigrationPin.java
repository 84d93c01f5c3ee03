package kemu.mm.migrate;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Page;
import kemu.mm.types.AnonVma;

/**
 * How migration keeps the anon_vma of a page that it unmaps: "mapped means alive" holds no more once the last pte is a
 * migration entry. Implementations are stateless and allocation-free.
 */
public interface MigrationPin {
    /**
     * Holds on to the anon_vma that the anonymous {@code page} names, until {@link #put}; NULL, with nothing held, if
     * the page is not mapped. Context: page lock.
     */
    @Ref(AnonVma.class)
    long get(Cpu cpu, @Ref(Page.class) long page);

    /** Lets go of what {@link #get} returned. Context: page lock, nothing else held. */
    void put(Cpu cpu, @Ref(AnonVma.class) long anonVma);
}
