package kemu.mm.rmap.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.AnonVma;
import kemu.mm.types.VmArea;

/**
 * An anon_vma is published with release, and found with a plain load: what is read through its address is in order on
 * all hardware but alpha. <b>Known bad</b> there; rmap-prepare-publish convicts it.
 */
class FoundByAddress extends KernelLife {
    @Override
    public @Ref(AnonVma.class) long find(Cpu cpu, @Ref(VmArea.class) long vma) {
        return VmArea.ANON_VMA.readOnce(cpu, vma);
    }
}
