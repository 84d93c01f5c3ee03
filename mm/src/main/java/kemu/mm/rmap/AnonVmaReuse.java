package kemu.mm.rmap;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.AnonVma;
import kemu.mm.types.VmArea;

/**
 * Whether fork may give a child's VMA an anon_vma of its parent's chain instead of a new one, and the book that is kept
 * for that. Implementations keep it in the anon_vmas and allocate nothing. Context: the root's lock, if not said
 * otherwise.
 */
public interface AnonVmaReuse {
    /** True if a VMA's own anon_vma may be older than the VMA. For audits. */
    boolean reuses();

    /** {@code anonVma} is new and linked to nothing. Context: no lock. */
    void made(Cpu cpu, @Ref(AnonVma.class) long anonVma);

    /** anon_vma_prepare has linked a VMA to {@code anonVma}, its own from now on, which is new if {@code isNew}. */
    void prepared(Cpu cpu, @Ref(AnonVma.class) long anonVma, boolean isNew);

    /** anon_vma_clone has given one more VMA the own anon_vma {@code own}. Context: no lock. */
    void cloned(Cpu cpu, AnonVmaLocking locking, @Ref(AnonVma.class) long own);

    /** anon_vma_fork has linked {@code vma} to {@code anonVma} of the chain of {@code parentVma}: it may take it. */
    void offered(
            Cpu cpu, @Ref(VmArea.class) long vma, @Ref(AnonVma.class) long anonVma, @Ref(VmArea.class) long parentVma);

    /** True if {@code vma} has taken one of those offered. Context: no lock. */
    boolean taken(Cpu cpu, @Ref(VmArea.class) long vma);

    /** anon_vma_fork has linked a child's VMA to its own new anon_vma; {@code parent} is the parent VMA's own. */
    void forked(Cpu cpu, @Ref(AnonVma.class) long anonVma, @Ref(AnonVma.class) long parent);

    /** unlink_anon_vmas has taken {@code vma} off {@code anonVma}, which has no VMA any more if {@code empty}. */
    void unlinked(Cpu cpu, @Ref(VmArea.class) long vma, @Ref(AnonVma.class) long anonVma, boolean empty);
}
