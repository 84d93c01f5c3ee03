package kemu.mm.migrate;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.cpu.Tags;
import kemu.hw.layout.Ref;
import kemu.hw.order.Order;
import kemu.mm.file.PageCache;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.PageTable;
import kemu.mm.rmap.AnonVmaIndex;
import kemu.mm.rmap.AnonVmaServices;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.rmap.PageRmap;
import kemu.mm.rmap.PageVma;
import kemu.mm.rmap.RmapVisit;
import kemu.mm.swap.Swap;
import kemu.mm.uapi.Errno;

/**
 * migrate_pages: moves one page at a time. A page that somebody else refers to cannot be moved now; then its entries
 * become ptes of the old page again.
 *
 * <p>Source: Linux 2.6.36 mm/migrate.c, unmap_and_move(), move_to_new_page(); the anon_vma is held as in 3.0. Pages of
 * files are moved as those of a file system without buffers, dirty ones, too.
 */
public final class Migration {
    private static final int MIGRATE_TAG = Tags.tag("migrate_page");

    private final PageLock pageLock;
    private final PageAllocator pages;
    private final Lru lru;
    private final Swap swap;
    private final PageCache pageCache;
    private final VmStat vmStat;
    private final RmapVisit rmap;
    private final MigrationPin pin;
    private final UnmapForMigration unmap;
    private final RemoveMigrationPte remove;
    /** Flags that go with the contents. */
    private final long kept;

    private final boolean copiesFirst;
    private final boolean resetsMapping;

    /** Boot only. */
    public Migration(
            VmStat vmStat,
            PageLock pageLock,
            PageAllocator pages,
            Lru lru,
            Swap swap,
            PageTable pageTable,
            PageCache pageCache,
            AnonVmas anonVmas,
            AnonVmaServices anonVmaServices,
            AnonVmaIndex index,
            PageRmap pageRmap,
            PageVma pageVma,
            MigrationRules rules) {
        this.vmStat = vmStat;
        this.pageLock = pageLock;
        this.pages = pages;
        this.lru = lru;
        this.swap = swap;
        this.pageCache = pageCache;
        rmap = new RmapVisit(anonVmas.locking(), index);
        pin = rules.pin(anonVmaServices, anonVmas);
        unmap = new UnmapForMigration(
                pages, swap, pageTable, pageCache, pageRmap, pageVma, rules.skipsTemporaryStacks());
        kept = Page.PG_REFERENCED
                | Page.PG_UPTODATE
                | Page.PG_ACTIVE
                | Page.PG_UNEVICTABLE
                | Page.PG_DIRTY
                | (pageRmap.movesMlocked() ? Page.PG_MLOCKED : 0);
        copiesFirst = rules.copiesFirst();
        resetsMapping = rules.resetsMapping();
        remove = new RemoveMigrationPte(pages, pageTable, pageRmap, rules.peeks());
    }

    /**
     * isolate_lru_page for a page that is to be moved: takes it off its list, with a reference, and counts it; false if
     * it is on none. Context: the caller has a reference.
     */
    public boolean isolate(Cpu cpu, @Ref(Page.class) long page) {
        // A huge page is in nobody's way.
        if (Page.test(cpu, page, Page.PG_HUGE) || !lru.isolate(cpu, page)) {
            return false;
        }
        lru.countIsolated(cpu, page, 1);
        return true;
    }

    /** putback_lru_pages: the opposite, for a page that was not moved. */
    public void putback(Cpu cpu, @Ref(Page.class) long page) {
        lru.countIsolated(cpu, page, -1);
        lru.putback(cpu, page);
    }

    /**
     * unmap_and_move: moves {@code page}, which was isolated, to {@code fresh}, which was just allocated. 0, and the
     * first is freed, the second on an LRU list; or -EAGAIN, also if that would take a wait and {@code force} is false:
     * then the page is still isolated, and {@code fresh} is freed. Context: may sleep.
     */
    public int unmapAndMove(Cpu cpu, @Ref(Page.class) long page, @Ref(Page.class) long fresh, boolean force) {
        long start = cpu.clock();
        // Freed from under us, if only our reference is left: nothing has to be moved.
        boolean gone = Page.COUNT.readOnce(cpu, page) == 1;
        int result = gone ? 0 : Errno.EAGAIN;
        if (!gone && lock(cpu, page, force)) {
            result = locked(cpu, page, fresh);
            pageLock.unlock(cpu, page);
        }
        if (result == 0) {
            lru.countIsolated(cpu, page, -1);
            // Where it was on the LRU lists is nothing to anybody any more.
            Page.FLAGS.clearBits(cpu, page, Page.PG_ACTIVE | Page.PG_UNEVICTABLE);
            pages.putPage(cpu, page);
        }
        if (result == 0 && !gone) {
            lru.putback(cpu, fresh);
        } else {
            pages.putPage(cpu, fresh);
        }
        vmStat.incLate(cpu, result == 0 ? VmStatItem.PGMIGRATE_SUCCESS : VmStatItem.PGMIGRATE_FAIL);
        cpu.record(MIGRATE_TAG, cpu.clock() - start);
        return result;
    }

    /** Locks a page that is not being written; false if that takes a wait, and it is not to be waited. */
    private boolean lock(Cpu cpu, long page, boolean force) {
        if (!pageLock.tryLock(cpu, page)) {
            if (!force) {
                return false;
            }
            pageLock.lock(cpu, page);
        }
        if (Page.test(cpu, page, Page.PG_WRITEBACK)) {
            if (!force) {
                pageLock.unlock(cpu, page);
                return false;
            }
            pageLock.waitOnWriteback(cpu, page);
        }
        return true;
    }

    private int locked(Cpu cpu, long page, long fresh) {
        long anonVma = Cpu.NULL;
        boolean remap = true;
        if ((Page.MAPPING.readOnce(cpu, page) & Page.MAPPING_FLAGS) == Page.MAPPING_FLAGS) {
            // KSM's: its VMAs are found another way.
            return Errno.EAGAIN;
        }
        if (Page.isAnon(cpu, page)) {
            anonVma = pin.get(cpu, page);
            if (anonVma == Cpu.NULL) {
                if (!Page.test(cpu, page, Page.PG_SWAPCACHE)) {
                    return Errno.EAGAIN;
                }
                // Mapped nowhere, so nothing pins its anon_vma, and nobody waits for its ptes.
                remap = false;
            }
        } else if (Page.MAPPING.readOnce(cpu, page) == Cpu.NULL) {
            // Truncated.
            return Errno.EAGAIN;
        }
        if (copiesFirst) {
            cpu.copyFrame(pages.frameOf(fresh), pages.frameOf(page));
        }
        if (remap) {
            rmap.mapped(cpu, page, unmap, 0);
            cpu.tell(Event.RMAP_WALKED, page, Event.MAY_MISS);
        }
        int result = Page.isMapped(cpu, page) ? Errno.EAGAIN : moveToNewPage(cpu, page, fresh, remap);
        if (result != 0 && remap) {
            removeMigrationPtes(cpu, page, page);
        }
        if (anonVma != Cpu.NULL) {
            pin.put(cpu, anonVma);
        }
        return result;
    }

    private int moveToNewPage(Cpu cpu, long page, long fresh, boolean remap) {
        // Nobody else has it, but late lockless lookups.
        pageLock.tryLock(cpu, fresh);
        Page.INDEX.writeOnce(cpu, fresh, Page.INDEX.readOnce(cpu, page));
        Page.MAPPING.writeOnce(cpu, fresh, Page.MAPPING.readOnce(cpu, page));
        Page.FLAGS.setBits(cpu, fresh, Page.FLAGS.readOnce(cpu, page) & Page.PG_SWAPBACKED);
        boolean moved = moveMapping(cpu, fresh, page);
        if (moved) {
            copy(cpu, fresh, page);
            if (remap) {
                removeMigrationPtes(cpu, fresh, page);
            }
        } else {
            Page.MAPPING.writeOnce(cpu, fresh, 0);
        }
        pageLock.unlock(cpu, fresh);
        return moved ? 0 : Errno.EAGAIN;
    }

    /** migrate_page_move_mapping: false if somebody else refers to the page. */
    private boolean moveMapping(Cpu cpu, long fresh, long page) {
        if (Page.test(cpu, page, Page.PG_SWAPCACHE)) {
            return swap.moveMapping(cpu, fresh, page);
        }
        return Page.isAnon(cpu, page) ? Page.COUNT.readOnce(cpu, page) == 1 : pageCache.moveMapping(cpu, fresh, page);
    }

    /** migrate_page_copy: contents, then what is known of them; the old page is nobody's afterwards. */
    private void copy(Cpu cpu, long fresh, long page) {
        if (!copiesFirst) {
            cpu.copyFrame(pages.frameOf(fresh), pages.frameOf(page));
        }
        long flags = Page.FLAGS.readOnce(cpu, page) & kept;
        Page.FLAGS.clearBits(cpu, page, flags & ~Page.PG_UPTODATE);
        if (resetsMapping || !Page.isAnon(cpu, page)) {
            // An anonymous page says so until it is freed: who empties a pte with an entry of it asks (4.4,
            // migrate_page_copy()).
            Page.MAPPING.writeOnce(cpu, page, 0);
        }
        // Full: contents before PG_uptodate, and before the ptes that come next.
        cpu.fetchOr64(Page.FLAGS.of(fresh), flags, Order.FULL);
    }

    /** remove_migration_ptes: entries that name {@code old} become ptes of {@code page}, every one of them. */
    private void removeMigrationPtes(Cpu cpu, long page, long old) {
        rmap.pinned(cpu, page, remove, old);
        cpu.tell(Event.RMAP_WALKED, old, Event.MUST_FIND);
    }
}
