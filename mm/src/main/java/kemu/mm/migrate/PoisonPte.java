package kemu.mm.migrate;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.file.PageCache;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.PageRmap;
import kemu.mm.rmap.PageVma;
import kemu.mm.swap.Swap;
import kemu.mm.types.MmStruct;

/**
 * Replaces the pte that maps a page: by its swap entry if it has one, with {@link #LOST} by an entry at which accesses
 * end, else by nothing, and the next access gets the contents from elsewhere. Source: Linux 2.6.36 mm/rmap.c,
 * try_to_unmap_one() for a page with PG_hwpoison.
 */
final class PoisonPte extends ReplacePte {
    /** Argument: nothing else has the contents. */
    static final long LOST = 1;

    PoisonPte(
            PageAllocator pages,
            Swap swap,
            PageTable pageTable,
            PageCache pageCache,
            PageRmap pageRmap,
            PageVma pageVma) {
        super(pages, swap, pageTable, pageCache, pageRmap, pageVma);
    }

    @Override
    void replace(
            Cpu cpu,
            @Ref(Page.class) long page,
            long frame,
            @Ref(MmStruct.class) long mm,
            long pte,
            long old,
            long lost) {
        if (lost == LOST) {
            cpu.writeOnce64(pte, Pte.ofHwpoison(frame));
        }
        (Page.isAnon(cpu, page) ? MmStruct.ANON_RSS : MmStruct.FILE_RSS).add(cpu, mm, -1);
    }
}
