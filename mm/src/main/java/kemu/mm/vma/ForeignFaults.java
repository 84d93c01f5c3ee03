package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.VmArea;

/** How a call brings pages of an address space that is not the caller's: faults are above VMAs, and implement this. */
public interface ForeignFaults {
    /**
     * get_user_pages: serves a fault at {@code address}, which lies in {@code vma}; negative if that cannot be done.
     * Context: mmap_sem, may sleep.
     */
    int handleLocked(Cpu cpu, @Ref(VmArea.class) long vma, long address, boolean write);
}
