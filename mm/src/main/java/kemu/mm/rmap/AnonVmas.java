package kemu.mm.rmap;

import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/**
 * Life of anon_vmas and their chains: prepare, clone, fork, unlink.
 */
public final class AnonVmas {
    private final Kernel kernel;

    /** Part of {@code kernel}; boot only. */
    public AnonVmas(Kernel kernel) {
        this.kernel = kernel;
    }

    /** anon_vma_prepare: makes sure the VMA has an anon_vma; 0 or -ENOMEM. Context: mmap_sem (R), may sleep. */
    public int anonVmaPrepare(Cpu cpu, long vma) {
        throw new UnsupportedOperationException("AnonVmas");
    }

    /** anon_vma_clone; 0 or -ENOMEM. Context: mmap_sem (W). */
    public int anonVmaClone(Cpu cpu, long destination, long source) {
        throw new UnsupportedOperationException("AnonVmas");
    }

    /** anon_vma_fork; 0 or -ENOMEM. Context: both mmap_sems (W). */
    public int anonVmaFork(Cpu cpu, long vma, long parentVma) {
        throw new UnsupportedOperationException("AnonVmas");
    }

    /** unlink_anon_vmas: newest first, root last. Context: mmap_sem (W) or last user. */
    public void unlinkAnonVmas(Cpu cpu, long vma) {
        throw new UnsupportedOperationException("AnonVmas");
    }

    /** anon_vma_merge: {@code next} goes away, {@code vma} has an equal chain. Context: mmap_sem (W). */
    public void anonVmaMerge(Cpu cpu, long vma, long next) {
        throw new UnsupportedOperationException("AnonVmas");
    }

    /** The strategy of this kernel. */
    public AnonVmaLocking locking() {
        throw new UnsupportedOperationException("AnonVmas");
    }
}
