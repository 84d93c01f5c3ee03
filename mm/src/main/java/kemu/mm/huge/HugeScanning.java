package kemu.mm.huge;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.MmStruct;

/** What address spaces tell khugepaged, which is above them and implements this. Set once, at boot. */
public interface HugeScanning {
    /**
     * __khugepaged_enter: {@code mm} has memory that may be mapped by huge pages; 0 or -ENOMEM, also if it is known by
     * then. Context: mmap_sem (R) or (W), may sleep.
     */
    int enter(Cpu cpu, @Ref(MmStruct.class) long mm);

    /**
     * khugepaged_exit: the last user of {@code mm} goes. When it returns nobody touches its page tables but the caller.
     * May sleep.
     */
    void exit(Cpu cpu, @Ref(MmStruct.class) long mm);
}
