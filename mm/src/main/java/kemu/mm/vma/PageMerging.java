package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/** What address spaces tell whoever merges equal pages, who is above them and implements this. Set once, at boot. */
public interface PageMerging {
    /** __ksm_enter: pages of {@code mm} may be merged from now on; 0 or -ENOMEM. Context: mmap_sem (W), may sleep. */
    int enter(Cpu cpu, @Ref(MmStruct.class) long mm);

    /**
     * ksm_exit: the last user of {@code mm} goes, whose pages may have been merged. When it returns nobody touches its
     * page tables but the caller. May sleep.
     */
    void exit(Cpu cpu, @Ref(MmStruct.class) long mm);

    /**
     * unmerge_ksm_pages: [start, end) of {@code vma}, which has an anon_vma, gets copies of the KSM pages that it maps;
     * 0 or -ENOMEM. Context: mmap_sem (W), may sleep.
     */
    int unmerge(Cpu cpu, @Ref(VmArea.class) long vma, long start, long end);
}
