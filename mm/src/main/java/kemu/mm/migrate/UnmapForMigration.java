package kemu.mm.migrate;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.file.PageCache;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.pgtable.MigrationEntries;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.PageRmap;
import kemu.mm.rmap.PageVma;
import kemu.mm.swap.Swap;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/**
 * Replaces the pte that maps a page by a migration entry; by its swap entry if it has one. Age and mlock do not matter.
 * The page still counts as the mm's. Source: Linux 2.6.36 mm/rmap.c, try_to_unmap_one() with TTU_MIGRATION.
 */
final class UnmapForMigration extends ReplacePte {
    private final boolean skipsStacks;

    UnmapForMigration(
            PageAllocator pages,
            Swap swap,
            PageTable pageTable,
            PageCache pageCache,
            PageRmap pageRmap,
            PageVma pageVma,
            boolean skipsStacks) {
        super(pages, swap, pageTable, pageCache, pageRmap, pageVma);
        this.skipsStacks = skipsStacks;
    }

    /** exec moves a stack's ptes and its VMA at different times (a8bef8ff6ea, 2.6.35). */
    @Override
    boolean passesOver(Cpu cpu, @Ref(VmArea.class) long vma) {
        return skipsStacks && (VmArea.VM_FLAGS.readOnce(cpu, vma) & VmArea.VM_STACK_INCOMPLETE) != 0;
    }

    @Override
    void replace(
            Cpu cpu,
            @Ref(Page.class) long page,
            long frame,
            @Ref(MmStruct.class) long mm,
            long pte,
            long old,
            long argument) {
        MigrationEntries.tellAdded(cpu, page);
        cpu.writeOnce64(pte, Pte.ofMigration(frame, (old & Pte.RW) != 0));
    }
}
