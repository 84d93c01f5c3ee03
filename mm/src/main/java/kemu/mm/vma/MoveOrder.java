package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.types.VmArea;

/**
 * How a walk that must find every pte meets one that mremap is moving: because it comes to the VMA that the pte leaves
 * before the one that it enters, or because it waits. Implementations are stateless. Context: mmap_sem (W).
 */
public interface MoveOrder {
    /**
     * Ptes are about to move from {@code source} to {@code destination}; true if the anon_vma is to be locked while
     * they do.
     *
     * @param isNew whether {@code destination} is new, and so behind {@code source} on every list; otherwise it is an
     *     older VMA that has grown, or may be
     * @param back whether they are on their way back, as memory is out
     */
    boolean locks(
            Cpu cpu,
            AnonVmas anonVmas,
            @Ref(VmArea.class) long source,
            @Ref(VmArea.class) long destination,
            boolean isNew,
            boolean back);
}
