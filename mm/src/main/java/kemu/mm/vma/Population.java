package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.VmArea;

/** How pages of a locked VMA come into memory: faults are above VMAs, and implement this. Set once, at boot. */
public interface Population {
    /**
     * __mlock_vma_pages_range: faults in and mlocks the pages of [start, end), which lies in {@code vma}. Context:
     * mmap_sem (W), may sleep.
     *
     * @return 0, -EFAULT (no access allowed there) or -ENOMEM; what came before is mlocked
     */
    int mlockPages(Cpu cpu, @Ref(VmArea.class) long vma, long start, long end);
}
