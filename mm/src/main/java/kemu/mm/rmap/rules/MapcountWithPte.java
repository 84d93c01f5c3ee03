package kemu.mm.rmap.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Page;
import kemu.mm.pgtable.MapcountDrop;
import kemu.mm.pgtable.MmuGather;
import kemu.mm.rmap.PageRmap;

/** The mapcount falls with the pte, before the VMA is unlinked: "mapped means alive". The default, and Linux. */
final class MapcountWithPte implements MapcountDrop {
    private final PageRmap pageRmap;

    MapcountWithPte(PageRmap pageRmap) {
        this.pageRmap = pageRmap;
    }

    @Override
    public void zapped(Cpu cpu, @Ref(MmuGather.class) long gather, @Ref(Page.class) long page, boolean anon) {
        pageRmap.pageRemoveRmap(cpu, page);
    }

    @Override
    public void released(Cpu cpu, @Ref(Page.class) long page) {
        // It has fallen.
    }
}
