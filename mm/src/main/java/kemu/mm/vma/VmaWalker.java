package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/**
 * A {@link VmaLookup} whose faults take mmap_sem, and whose tree of VMAs is one of nodes that are replaced and freed
 * after a grace period. Who goes from VMA to VMA keeps a node of it meanwhile, as a maple state does. Source: Linux 6.1
 * include/linux/maple_tree.h, struct ma_state; mm/mmap.c, find_vma_prev().
 */
public interface VmaWalker extends VmaLookup {
    /** True if a stack grows under mmap_sem (R): then walks under mmap_sem (R) may meet a node that is replaced. */
    boolean growsUnderReadLock();

    /** Before the first node. Context: mmap_sem (R). */
    void beginWalk(Cpu cpu);

    /** mas_walk: the node of the VMA of {@code address}, or NULL. */
    long seek(Cpu cpu, @Ref(MmStruct.class) long mm, long address);

    /** The VMA of a node that {@link #seek} has returned in this walk. */
    @Ref(VmArea.class)
    long vmaOf(Cpu cpu, long node);

    /** After the last node. */
    void endWalk(Cpu cpu);
}
