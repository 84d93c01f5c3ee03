package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/**
 * System calls on an address space.
 */
public final class Mmap {
    private final Kernel kernel;

    /** Part of {@code kernel}; boot only. */
    public Mmap(Kernel kernel) {
        this.kernel = kernel;
    }

    /** mmap: the address mapped, or a negative errno. {@code flags} are VM_ bits; {@code file} is an address_space or NULL; takes its own reference on it. Without fixed, the address is a hint. */
    public long mmap(Cpu cpu, long mm, long address, long length, long flags, boolean fixed, long file, long pageOffset) {
        throw new UnsupportedOperationException("Mmap");
    }

    /** munmap; 0 or a negative errno. */
    public int munmap(Cpu cpu, long mm, long address, long length) {
        throw new UnsupportedOperationException("Mmap");
    }

    /** mprotect to VM_READ|VM_WRITE|VM_EXEC bits; 0 or a negative errno. */
    public int mprotect(Cpu cpu, long mm, long address, long length, long flags) {
        throw new UnsupportedOperationException("Mmap");
    }

    /** mremap; the new address or a negative errno. {@code target} is 0 or where to move (MREMAP_FIXED). */
    public long mremap(Cpu cpu, long mm, long address, long oldLength, long newLength, boolean mayMove, long target) {
        throw new UnsupportedOperationException("Mmap");
    }

    /** brk: the new end; the old one if it could not be set. */
    public long brk(Cpu cpu, long mm, long end) {
        throw new UnsupportedOperationException("Mmap");
    }

    /** madvise(MADV_DONTNEED); 0 or a negative errno. */
    public int madviseDontneed(Cpu cpu, long mm, long address, long length) {
        throw new UnsupportedOperationException("Mmap");
    }
}
