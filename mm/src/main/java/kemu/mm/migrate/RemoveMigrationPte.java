package kemu.mm.migrate;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.pgtable.MigrationEntries;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.PageRmap;
import kemu.mm.rmap.PageVma;
import kemu.mm.rmap.RmapOne;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * remove_migration_pte: turns the entry of a page into a pte of the page that has its contents now, old and clean; what
 * was dirty, the page knows. Source: Linux 3.1 mm/migrate.c, which locks before it looks (486cf46f3f9b); mlock as in
 * 4.4.
 */
final class RemoveMigrationPte implements RmapOne {
    private static final long RIGHTS = VmArea.VM_READ | VmArea.VM_WRITE | VmArea.VM_EXEC;

    private final PageAllocator pages;
    private final PageTable pageTable;
    private final PageRmap pageRmap;
    private final boolean peeks;

    RemoveMigrationPte(PageAllocator pages, PageTable pageTable, PageRmap pageRmap, boolean peeks) {
        this.pages = pages;
        this.pageTable = pageTable;
        this.pageRmap = pageRmap;
        this.peeks = peeks;
    }

    /** Context: page lock of both; the lock of the list with the VMA. {@code old} is the page that entries name. */
    @Override
    public boolean visit(Cpu cpu, @Ref(Page.class) long page, @Ref(VmArea.class) long vma, long old) {
        long address = PageVma.vmaAddress(cpu, page, vma);
        long pte = address == Errno.EFAULT ? Cpu.NULL : pageTable.find(cpu, VmArea.VM_MM.get(cpu, vma), address);
        if (pte == Cpu.NULL || peeks && !Pte.isMigration(cpu.readOnce64(pte))) {
            return true;
        }
        long lock = pageTable.lockOf(cpu, pte);
        SpinLock.lock(cpu, lock);
        long value = cpu.readOnce64(pte);
        if (Pte.isMigration(value) && Pte.frame(value) == pages.frameOf(old)) {
            restore(cpu, page, vma, address, pte, value);
            MigrationEntries.tellGone(cpu, old);
        }
        SpinLock.unlock(cpu, lock);
        return true;
    }

    /** Context: pte lock. */
    private void restore(Cpu cpu, long page, long vma, long address, long pte, long value) {
        Page.get(cpu, page);
        long flags = Pte.isWriteMigration(value) ? Pte.RW : 0;
        if ((VmArea.VM_FLAGS.readOnce(cpu, vma) & RIGHTS) == 0) {
            flags |= Pte.PROTNONE;
        }
        // Contents come before the pte: their copy has ended with a full fence.
        cpu.writeOnce64(pte, Pte.make(pages.frameOf(page), flags));
        if (Page.isAnon(cpu, page)) {
            pageRmap.pageAddAnonRmap(cpu, page, vma, address, false);
        } else {
            pageRmap.pageAddFileRmap(cpu, page);
        }
        pageRmap.mlockMigrated(cpu, page, vma);
    }
}
