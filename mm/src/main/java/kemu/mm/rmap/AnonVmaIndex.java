package kemu.mm.rmap;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Page;
import kemu.mm.types.AnonVma;

/**
 * How an anon_vma finds its VMAs: in {@code head} of the anon_vma, and in the words of the chains. Implementations are
 * stateless. Context: the root's lock, if not said otherwise.
 */
public interface AnonVmaIndex {
    /** Bytes of an anon_vma_chain, words of its own included. */
    int chainBytes();

    /** True if ranges of VMAs are part of it, so that a VMA must be taken out before its range changes. */
    boolean keepsRanges();

    /** Makes it empty. Context: the constructor of the slab. */
    void init(Cpu cpu, @Ref(AnonVma.class) long anonVma);

    /** What the first word of {@code head} is if it is empty. For instruments. */
    long emptyHead(@Ref(AnonVma.class) long anonVma);

    /** True if it has no VMA. */
    boolean empty(Cpu cpu, @Ref(AnonVma.class) long anonVma);

    /** Links {@code chain} of a VMA whose range is set. */
    void insert(Cpu cpu, @Ref(AnonVmaChain.class) long chain, @Ref(AnonVma.class) long anonVma);

    /** Undoes {@link #insert}. */
    void remove(Cpu cpu, @Ref(AnonVmaChain.class) long chain, @Ref(AnonVma.class) long anonVma);

    /** Walks come to {@code chain} last from now on, where the order of linking is what they follow. */
    void moveToTail(Cpu cpu, @Ref(AnonVmaChain.class) long chain, @Ref(AnonVma.class) long anonVma);

    /** The first chain of a walk of {@code page}, whose VMA may cover the page; NULL if there is none. */
    @Ref(AnonVmaChain.class)
    long first(Cpu cpu, @Ref(AnonVma.class) long anonVma, @Ref(Page.class) long page);

    /** The next one, or NULL. */
    @Ref(AnonVmaChain.class)
    long next(
            Cpu cpu, @Ref(AnonVma.class) long anonVma, @Ref(AnonVmaChain.class) long chain, @Ref(Page.class) long page);

    /** The first of all chains, whatever they cover; NULL if there is none. */
    @Ref(AnonVmaChain.class)
    long firstOfAll(Cpu cpu, @Ref(AnonVma.class) long anonVma);

    /** The next one, or NULL. */
    @Ref(AnonVmaChain.class)
    long nextOfAll(Cpu cpu, @Ref(AnonVma.class) long anonVma, @Ref(AnonVmaChain.class) long chain);
}
