package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/**
 * A {@link VmaLookup} by which a fault keeps its VMA from being freed, not from being changed: it begins anew, with
 * mmap_sem, if the VMA has changed when it is about to change a pte.
 */
public interface SpeculativeLookup extends VmaLookup {
    /** What a fault has to check, and how it locks. */
    SpeculativeRules rules();

    /**
     * find_vma_rcu: the first VMA that ends above {@code address}, referenced, or NULL. Its contents may change at any
     * time; vm_file is not to be relied on.
     */
    @Ref(VmArea.class)
    long findVmaRcu(Cpu cpu, @Ref(MmStruct.class) long mm, long address);

    /** put_vma: gives up a reference; the last one frees. */
    void put(Cpu cpu, @Ref(VmArea.class) long vma);

    /** raw_read_seqcount of vm_sequence: odd while the VMA changes; later loads stay later. */
    int sequence(Cpu cpu, @Ref(VmArea.class) long vma);

    /** read_seqcount_retry: true if the VMA has begun to change since {@code sequence}; earlier loads stay earlier. */
    boolean retry(Cpu cpu, @Ref(VmArea.class) long vma, int sequence);

    /** vma_has_changed: true if that, or if the VMA has left its mm. */
    boolean hasChanged(Cpu cpu, @Ref(VmArea.class) long vma, int sequence);
}
