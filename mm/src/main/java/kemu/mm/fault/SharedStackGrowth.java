package kemu.mm.fault;

import kemu.hw.cpu.Cpu;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.types.VmArea;
import kemu.mm.vma.Mms;

/**
 * A stack grows under mmap_sem (R), and its node of the tree of VMAs is replaced by another. Known to be wrong; see
 * {@link kemu.mm.vma.VmaWalker#growsUnderReadLock}. Here threads must not grow stacks of one mm at once: where 6.1 has
 * page_table_lock, nothing is. Source: Linux 6.1 mm/mmap.c, expand_downwards().
 */
final class SharedStackGrowth extends StackGrowth {
    SharedStackGrowth(AnonVmas anonVmas, Mms mms) {
        super(anonVmas, mms);
    }

    @Override
    int expandTo(Cpu cpu, long vma, long address) {
        return (VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_GROWSDOWN) == 0
                ? Faults.SIGSEGV
                : expandAndPublish(cpu, VmArea.VM_MM.get(cpu, vma), vma, address);
    }
}
