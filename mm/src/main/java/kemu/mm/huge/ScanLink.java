package kemu.mm.huge;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.MmStruct;

/**
 * The address spaces that khugepaged is to know: whoever maps memory that fits a huge page, and the children of those.
 * Without a khugepaged nothing happens. Source: Linux 2.6.38 include/linux/khugepaged.h.
 */
final class ScanLink {
    private HugeScanning scanning;

    /** Sets who scans. Boot only. */
    void scanning(HugeScanning those) {
        scanning = those;
    }

    private static boolean known(Cpu cpu, long mm) {
        return (MmStruct.FLAGS.readOnce(cpu, mm) & MmStruct.MMF_VM_HUGEPAGE) != 0;
    }

    /**
     * khugepaged_enter. If memory for a slot is out, the address space is not scanned, which costs it nothing else; in
     * Linux the fault fails. Context: mmap_sem, may sleep.
     */
    void enter(Cpu cpu, @Ref(MmStruct.class) long mm) {
        if (scanning != null && !known(cpu, mm)) {
            scanning.enter(cpu, mm);
        }
    }

    /** khugepaged_fork: 0 or -ENOMEM. Context: both mmap_sems (W). */
    int fork(Cpu cpu, @Ref(MmStruct.class) long child, @Ref(MmStruct.class) long parent) {
        return scanning != null && known(cpu, parent) ? scanning.enter(cpu, child) : 0;
    }

    /** khugepaged_exit. Context: the last user is gone; may sleep. */
    void exit(Cpu cpu, @Ref(MmStruct.class) long mm) {
        if (scanning != null && known(cpu, mm)) {
            scanning.exit(cpu, mm);
        }
    }
}
