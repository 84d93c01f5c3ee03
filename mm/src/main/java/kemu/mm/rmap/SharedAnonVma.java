package kemu.mm.rmap;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.AnonVma;

/** Which anon_vma a page points to that several processes may come to share (__page_set_anon_rmap). Stateless. */
public interface SharedAnonVma {
    /** The anon_vma for a page that is mapped first in a VMA whose own is {@code anonVma}. Context: page lock. */
    @Ref(AnonVma.class)
    long of(Cpu cpu, @Ref(AnonVma.class) long anonVma);
}
