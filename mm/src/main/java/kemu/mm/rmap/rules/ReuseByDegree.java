package kemu.mm.rmap.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.AnonVma;

/**
 * Only the sum of VMAs and children is looked at: 3.19 to 6.0-rc3, 7a3ef208e662. <b>Known bad:</b> a count of one need
 * not be a child's. A leaf left by a VMA that took an older anon_vma has no children and is given away a second time;
 * then VMAs with one anon_vma have different chains, which {@link kemu.mm.rmap.AnonVmas#anonVmaMerge} takes to be equal
 * (CVE-2022-42703). rmap-double-reuse convicts it.
 */
final class ReuseByDegree extends CountedReuse {
    @Override
    boolean mayTake(Cpu cpu, @Ref(AnonVma.class) long anonVma, @Ref(AnonVma.class) long own) {
        int children = AnonVma.NUM_CHILDREN.get(cpu, anonVma);
        int active = AnonVma.NUM_ACTIVE_VMAS.get(cpu, anonVma);
        return anonVma != own && children + active < 2;
    }
}
