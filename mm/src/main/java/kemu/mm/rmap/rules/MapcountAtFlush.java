package kemu.mm.rmap.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Page;
import kemu.mm.pgtable.MapcountDrop;
import kemu.mm.pgtable.MmuGather;
import kemu.mm.rmap.PageRmap;

/**
 * Mapcounts of anonymous pages fall where their memory is freed, after the VMA is unlinked. Proposed in November 2022
 * together with freeing pages after the flush of the TLB; merged for file pages only (5df397dec7c4, 6.2). <b>Known
 * bad:</b> a page is mapped whose anon_vma is gone; rmap-delayed-rmap convicts it with every lookup.
 */
final class MapcountAtFlush implements MapcountDrop {
    private final PageRmap pageRmap;

    MapcountAtFlush(PageRmap pageRmap) {
        this.pageRmap = pageRmap;
    }

    @Override
    public void zapped(Cpu cpu, @Ref(MmuGather.class) long gather, @Ref(Page.class) long page, boolean anon) {
        if (!anon || gather == Cpu.NULL) {
            pageRmap.pageRemoveRmap(cpu, page);
        }
    }

    @Override
    public void released(Cpu cpu, @Ref(Page.class) long page) {
        if (Page.isAnon(cpu, page)) {
            pageRmap.pageRemoveRmap(cpu, page);
        }
    }
}
