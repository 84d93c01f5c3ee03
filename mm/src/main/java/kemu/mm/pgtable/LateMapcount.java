package kemu.mm.pgtable;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Page;

/**
 * What a gather calls for each anonymous page it frees where mapcounts fall late, at the flush instead of with the pte:
 * a behaviour of its own, that a scenario convicts. Reverse mapping, which lies above page tables, implements it.
 */
public interface LateMapcount {
    /** page_remove_rmap. Context: no lock held. */
    void pageRemoveRmap(Cpu cpu, @Ref(Page.class) long page);
}
