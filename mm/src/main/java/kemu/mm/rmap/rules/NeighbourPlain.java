package kemu.mm.rmap.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.AnonVma;
import kemu.mm.types.VmArea;

/**
 * A new anon_vma is published with release and found with acquire, but a VMA takes that of its neighbour over with a
 * plain load, and publishes it with a plain store. <b>Known bad:</b> the neighbour's chain is looked at without order;
 * rmap-prepare-publish convicts it.
 */
final class NeighbourPlain extends KernelLife {
    @Override
    public void publish(Cpu cpu, @Ref(VmArea.class) long vma, @Ref(AnonVma.class) long anonVma, boolean isNew) {
        if (isNew) {
            super.publish(cpu, vma, anonVma, true);
        } else {
            VmArea.ANON_VMA.writeOnce(cpu, vma, anonVma);
        }
    }

    @Override
    public @Ref(AnonVma.class) long findOfNeighbour(Cpu cpu, @Ref(VmArea.class) long neighbour) {
        return VmArea.ANON_VMA.readOnce(cpu, neighbour);
    }
}
