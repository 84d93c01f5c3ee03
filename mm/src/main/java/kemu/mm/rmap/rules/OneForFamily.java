package kemu.mm.rmap.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.AnonVma;
import kemu.mm.types.VmArea;

/**
 * A parent and all its descendants share one anon_vma, so that a chain has one link: Linux until 2.6.33. Its list has a
 * VMA for each of them, which every walk meets, though a page that a child has copied is mapped by that child alone;
 * that is what 5beb49305251 (2.6.34) was for.
 */
final class OneForFamily extends NewAtEveryFork {
    @Override
    public boolean reuses() {
        return true;
    }

    @Override
    public void offered(
            Cpu cpu, @Ref(VmArea.class) long vma, @Ref(AnonVma.class) long anonVma, @Ref(VmArea.class) long parentVma) {
        VmArea.ANON_VMA.writeOnce(cpu, vma, anonVma);
    }

    @Override
    public boolean taken(Cpu cpu, @Ref(VmArea.class) long vma) {
        return true;
    }
}
