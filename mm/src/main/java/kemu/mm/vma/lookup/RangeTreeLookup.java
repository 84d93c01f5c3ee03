package kemu.mm.vma.lookup;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.vma.VmaReadLock;
import kemu.mm.vma.VmaServices;

/** What locks of single VMAs have in common: VMAs are found in a {@link RangeTree} under RCU. */
abstract class RangeTreeLookup extends RangeTreeVmas implements VmaReadLock {
    private final VmStat vmStat;

    RangeTreeLookup(VmaServices services) {
        super(services);
        vmStat = services.vmStat();
    }

    /** mas_walk: the VMA of {@code address}, or NULL. Context: RCU reader. */
    final @Ref(VmArea.class) long walk(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        return tree().find(cpu, treeOf(mm), address);
    }

    /** The same again: the VMA found was detached before it was locked. */
    final @Ref(VmArea.class) long walkAgain(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        vmStat.incLate(cpu, VmStatItem.VMA_LOCK_MISS);
        return walk(cpu, mm, address);
    }
}
