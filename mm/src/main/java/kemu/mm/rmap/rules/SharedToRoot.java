package kemu.mm.rmap.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.rmap.SharedAnonVma;
import kemu.mm.types.AnonVma;

/** A shared page points to the root, which outlives all who may map it: the default, and Linux since 2.6.34-rc4. */
final class SharedToRoot implements SharedAnonVma {
    @Override
    public @Ref(AnonVma.class) long of(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        return AnonVma.ROOT.readOnce(cpu, anonVma);
    }
}
