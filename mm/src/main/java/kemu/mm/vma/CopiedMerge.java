package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.types.VmArea;

/**
 * Whether a mapping that mremap copies may become part of a neighbour, which rmap walks must find the moved pages by.
 * Implementations are stateless. Context: mmap_sem (W), may sleep.
 */
public interface CopiedMerge {
    /** is_mergeable_anon_vma: whether {@code neighbour} may grow over the pages that {@code source} has now. */
    boolean mayGrow(Cpu cpu, @Ref(VmArea.class) long neighbour, @Ref(VmArea.class) long source);

    /**
     * dup_anon_vma: {@code neighbour} is about to grow over the pages of {@code source}. 0, or -ENOMEM: then it does
     * not.
     */
    int grows(Cpu cpu, AnonVmas anonVmas, @Ref(VmArea.class) long neighbour, @Ref(VmArea.class) long source);
}
