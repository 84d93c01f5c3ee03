package kemu.mm.fault;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Page;
import kemu.mm.types.VmArea;

/** What faults ask where pages may have been merged: whoever merges them is above faults, and implements this. */
public interface MergedFaults {
    /**
     * ksm_might_need_to_copy: true if the page of the swap cache has been mapped elsewhere since it came back, so that
     * {@code vma} must have a copy at {@code address}. Context: page lock; mmap_sem (R), no spinlock.
     */
    boolean needsCopy(Cpu cpu, @Ref(Page.class) long page, @Ref(VmArea.class) long vma, long address);

    /** True if the cached page stays locked until the pte has been compared, and its entry given up. */
    boolean keepsCachedLocked();

    /**
     * The part of reuse_swap_page about KSM: true if {@code page} may become its only owner's, who writes to it.
     * Context: page lock; before it was locked the page may have been an ordinary one.
     */
    boolean mayReuse(Cpu cpu, @Ref(Page.class) long page);
}
