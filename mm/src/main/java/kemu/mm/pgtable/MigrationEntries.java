package kemu.mm.pgtable;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.layout.Ref;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;

/**
 * Migration entries: what ptes hold of a page that is being moved. The page is locked as long as one is there, so
 * whoever meets one under the pte lock can tell a page that moves from an entry that was forgotten. Source: Linux
 * 2.6.36 include/linux/swapops.h, mm/migrate.c.
 */
public final class MigrationEntries {
    private MigrationEntries() {}

    /**
     * migration_entry_to_page. Context: the lock of the pte that holds {@code entry}.
     *
     * @throws KernelBug if the page is not locked: the walk that took its entries away has missed this one
     */
    public static @Ref(Page.class) long page(Cpu cpu, PageAllocator pages, long entry) {
        long page = pages.pageOf(Pte.frame(entry));
        if (!Page.test(cpu, page, Page.PG_LOCKED)) {
            throw new KernelBug(
                    FailureKind.RMAP_MISSED,
                    "BUG: rmap walk missed a pte: a migration entry of a page that is not locked: "
                            + Page.describe(cpu, page));
        }
        return page;
    }

    /** Tells instruments that a pte is about to hold an entry of {@code page}. Context: pte lock. */
    public static void tellAdded(Cpu cpu, @Ref(Page.class) long page) {
        cpu.tell(Event.MIGRATION_ENTRY, page, 1);
    }

    /** Tells instruments that a pte is about to hold no entry of {@code page} any more. Context: pte lock. */
    public static void tellGone(Cpu cpu, @Ref(Page.class) long page) {
        cpu.tell(Event.MIGRATION_ENTRY, page, -1);
    }

    /**
     * migration_entry_wait: returns when the page that {@code pte} names has moved, if it still names one. Context: may
     * sleep; the VMA is locked, so that the table stays.
     */
    public static void wait(Cpu cpu, PageAllocator pages, PageTable pageTable, PageLock pageLock, long pte) {
        long lock = pageTable.lockOf(cpu, pte);
        SpinLock.lock(cpu, lock);
        long value = cpu.readOnce64(pte);
        long page = Pte.isMigration(value) ? page(cpu, pages, value) : Cpu.NULL;
        // A count of 0 is frozen, while the page is replaced in its cache: the next fault sees what became of it.
        boolean held = page != Cpu.NULL && Page.getUnlessZero(cpu, page);
        SpinLock.unlock(cpu, lock);
        if (held) {
            pageLock.waitOnLocked(cpu, page);
            pages.putPage(cpu, page);
        } else if (page != Cpu.NULL) {
            cpu.relax();
        }
    }
}
