package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.AnonVma;
import kemu.mm.types.VmArea;

/**
 * Which anon_vma vma_adjust locks, whose walkers must see start and offset of a VMA change together. Implementations
 * are stateless. Context: mmap_sem (W).
 */
public interface AdjustLock {
    /**
     * The anon_vma to lock, or NULL for none.
     *
     * @param startMoves whether {@code vma} has another start or offset, or one more VMA, afterwards
     * @param nextMoves whether the start of {@code next} moves
     */
    @Ref(AnonVma.class)
    long anonVma(
            Cpu cpu, @Ref(VmArea.class) long vma, boolean startMoves, @Ref(VmArea.class) long next, boolean nextMoves);
}
