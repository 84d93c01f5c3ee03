package kemu.mm.rmap.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.AnonVma;
import kemu.mm.types.VmArea;

/**
 * anon_vma_prepare publishes an anon_vma with a plain store and finds it with a plain load: at least until Linux 6.5.
 * <b>Known bad:</b> who finds it may find the root of its last life; rmap-prepare-publish convicts it.
 */
final class PublishedPlain extends FoundByAddress {
    @Override
    public void publish(Cpu cpu, @Ref(VmArea.class) long vma, @Ref(AnonVma.class) long anonVma, boolean isNew) {
        VmArea.ANON_VMA.writeOnce(cpu, vma, anonVma);
    }
}
