package kemu.mm.rmap.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.rmap.SharedAnonVma;
import kemu.mm.types.AnonVma;

/**
 * A shared page points to the newest anon_vma of the first that maps it: before 2.6.34-rc4 (ea90002b0fa7). <b>Known
 * bad:</b> that one goes with the first's exit; rmap-oldest convicts it.
 */
final class SharedToNewest implements SharedAnonVma {
    @Override
    public @Ref(AnonVma.class) long of(Cpu cpu, @Ref(AnonVma.class) long anonVma) {
        return anonVma;
    }
}
