package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/**
 * Life of mm_structs and the VMA tree.
 */
public final class Mms {
    private final Kernel kernel;

    /** Part of {@code kernel}; boot only. */
    public Mms(Kernel kernel) {
        this.kernel = kernel;
    }

    /** mm_alloc: an empty address space with one user, or NULL. */
    public long mmAlloc(Cpu cpu) {
        throw new UnsupportedOperationException("Mms");
    }

    /** dup_mm: a copy-on-write copy (dup_mmap), or NULL if memory is out. Context: may sleep. */
    public long dupMm(Cpu cpu, long parent) {
        throw new UnsupportedOperationException("Mms");
    }

    /** mmput: drops a user; the last one unmaps everything (exit_mmap) and frees it. Context: may sleep. */
    public void mmput(Cpu cpu, long mm) {
        throw new UnsupportedOperationException("Mms");
    }

    /** One more user. */
    public void mmget(Cpu cpu, long mm) {
        throw new UnsupportedOperationException("Mms");
    }

    /** find_vma: first VMA that ends above {@code address}, or NULL. Context: mmap_sem. */
    public long findVma(Cpu cpu, long mm, long address) {
        throw new UnsupportedOperationException("Mms");
    }
}
