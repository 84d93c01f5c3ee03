package kemu.mm.ksm.rules;

import kemu.hw.cpu.Cpu;
import kemu.mm.ksm.KsmRules;
import kemu.mm.pgtable.Pte;

/**
 * The pte is only write-protected: that the page was stored to, it alone knows, and when it goes nobody does, since an
 * anonymous page needs no such news. Linux 2.6.33 to 2.6.36-rc5; {@code rmap-ksm-dirty} convicts it.
 */
final class ForgetsDirty extends KsmRules {
    @Override
    public boolean mustChange(long value) {
        return (value & Pte.RW) != 0;
    }

    @Override
    public long protect(Cpu cpu, long page, long entry) {
        return entry & ~Pte.RW;
    }
}
