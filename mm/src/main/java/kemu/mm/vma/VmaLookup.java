package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.context.Task;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/**
 * How a fault finds its VMA without mmap_sem, as those see it who change VMAs: each hook stands where mmap_sem is held
 * for writing, unless it says otherwise. What a fault asks is in {@link VmaReadLock}; a lookup that is none lets every
 * fault take mmap_sem. Implementations are final, stateless apart from injected services, and allocation-free; each
 * must work on both CPUs. The methods do nothing here: that is the lookup that needs no help from writers.
 */
public interface VmaLookup {
    /** The name used on the command line. */
    String name();

    /** A new, empty address space, whose own words are zero. Context: nobody else knows it. */
    default void initMm(Cpu cpu, @Ref(MmStruct.class) long mm) {}

    /** exec_mmap and copy_mm: {@code task} has another mm now. Context: that task, or it does not run yet. */
    default void mmSwitched(Cpu cpu, @Ref(Task.class) long task) {}

    /** vm_area_alloc: a VMA with undefined contents, which readers of its slot's last life may still look at. */
    default void initVma(Cpu cpu, @Ref(VmArea.class) long vma) {}

    /** mmap_write_lock: mmap_sem has just been taken for writing. */
    default void writeLocked(Cpu cpu, @Ref(MmStruct.class) long mm) {}

    /**
     * mmap_write_unlock and mmap_write_downgrade: mmap_sem is about to be released, or downgraded; all VMAs written to
     * may be read from here on.
     */
    default void writeUnlocking(Cpu cpu, @Ref(MmStruct.class) long mm) {}

    /** vma_start_write: {@code vma} is about to change; waits for its readers. Context: may sleep. */
    default void startWrite(Cpu cpu, @Ref(VmArea.class) long vma) {}

    /** dup_mmap: as {@link #startWrite}, since {@code vma} is about to be copied. Context: may sleep. */
    default void startCopy(Cpu cpu, @Ref(VmArea.class) long vma) {
        startWrite(cpu, vma);
    }

    /**
     * vma_iter_store: from {@link #publish} on lookups find {@code vma} in [start, end), or nothing if it is NULL.
     * Context: may sleep; what was there and {@code vma} are locked by {@link #startWrite}.
     *
     * @return 0, or -ENOMEM: then everything stored since the last publish is forgotten
     */
    default int store(Cpu cpu, @Ref(MmStruct.class) long mm, long start, long end, @Ref(VmArea.class) long vma) {
        return 0;
    }

    /** Forgets what was stored since the last {@link #publish}. */
    default void forget(Cpu cpu, @Ref(MmStruct.class) long mm) {}

    /** Makes what was stored visible to lookups. */
    default void publish(Cpu cpu, @Ref(MmStruct.class) long mm) {}

    /**
     * The same for all VMAs of a new mm, from its list; 0, or -ENOMEM with nothing found. Context: only the caller
     * knows the mm.
     */
    default int publishAll(Cpu cpu, @Ref(MmStruct.class) long mm) {
        return 0;
    }

    /** True if lookups walk mm_rb: its changes are made with marked stores then. */
    default boolean walksTree() {
        return false;
    }

    /** The VMA is about to go into mm_rb. Context: may not sleep. */
    default void linking(Cpu cpu, @Ref(MmStruct.class) long mm, @Ref(VmArea.class) long vma) {}

    /** It is in mm_rb. Context: may not sleep. */
    default void linked(Cpu cpu, @Ref(MmStruct.class) long mm, @Ref(VmArea.class) long vma) {}

    /** The VMA is about to leave mm_rb. Context: may not sleep. */
    default void unlinking(Cpu cpu, @Ref(MmStruct.class) long mm, @Ref(VmArea.class) long vma) {}

    /** It has left mm_rb. Context: may not sleep. */
    default void unlinked(Cpu cpu, @Ref(MmStruct.class) long mm, @Ref(VmArea.class) long vma) {}

    /** All VMAs that leave mm_rb in one go have left it. Context: may not sleep. */
    default void unlinkedAll(Cpu cpu, @Ref(MmStruct.class) long mm) {}

    /** vma_mark_attached: the VMA is in list and tree. */
    default void attached(Cpu cpu, @Ref(VmArea.class) long vma) {}

    /** vma_mark_detached: the VMA has left list and tree, and lookups do not find it any more. Context: may sleep. */
    default void detached(Cpu cpu, @Ref(VmArea.class) long vma) {}

    /** The first part of exit_mmap: lookups find nothing any more. Context: the last user is gone. */
    default void exitMmap(Cpu cpu, @Ref(MmStruct.class) long mm) {}

    /**
     * True if munmap, and brk and mremap that shrink, go on with mmap_sem held for reading once their VMAs are detached
     * (since Linux 4.20).
     */
    default boolean downgrades() {
        return false;
    }

    /** remove_vma: the VMA, which has left mm_rb, goes. Context: mmap_sem, may sleep. */
    default void removing(Cpu cpu, @Ref(VmArea.class) long vma) {}

    /** __remove_vma: as {@link #detached} for a VMA of an mm that is gone, whose tree is not cleared. May sleep. */
    default void exited(Cpu cpu, @Ref(VmArea.class) long vma) {}

    /**
     * vm_area_free: the owner gives up a VMA that was never linked, or is not any more. True if its memory may go back
     * at once, false if the lookup sees to that.
     */
    default boolean release(Cpu cpu, @Ref(VmArea.class) long vma) {
        return true;
    }

    /** True if {@code vma}, which belongs to no mm any more, is freed after a grace period. For the leak check. */
    default boolean waitsForGracePeriod(Cpu cpu, @Ref(VmArea.class) long vma) {
        return false;
    }
}
