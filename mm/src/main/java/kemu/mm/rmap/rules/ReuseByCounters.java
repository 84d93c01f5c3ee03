package kemu.mm.rmap.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.AnonVma;

/** An anon_vma is free to take without VMAs of its own and with at most one child: 6.0-rc4 and later, 2555283eb40d. */
final class ReuseByCounters extends CountedReuse {
    @Override
    boolean mayTake(Cpu cpu, @Ref(AnonVma.class) long anonVma, @Ref(AnonVma.class) long own) {
        int children = AnonVma.NUM_CHILDREN.get(cpu, anonVma);
        int active = AnonVma.NUM_ACTIVE_VMAS.get(cpu, anonVma);
        return children < 2 && active == 0;
    }
}
