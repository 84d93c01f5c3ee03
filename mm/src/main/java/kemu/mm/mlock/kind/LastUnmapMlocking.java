package kemu.mm.mlock.kind;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.mlock.MlockServices;
import kemu.mm.mlock.PageMlock;
import kemu.mm.page.Page;

/**
 * Whoever unmaps a page for the last time clears PG_mlocked, under the pte lock: truncation, hole punch and every other
 * unmapping. A page that is freed with it is a bug. Source: Linux 3.7 mm/rmap.c, page_remove_rmap(), e6c509f85455.
 *
 * <p>Until 4.4 reclaim mlocks a page that it finds mapped by a locked VMA after it has dropped the pte lock, with
 * mmap_sem, which truncation and exit do not take: the page may have been unmapped for the last time by then.
 * {@link #REPAIRED} does it under the pte lock. Source: b87537d9e2fe, Linux 4.4 mm/rmap.c, try_to_unmap_one().
 *
 * <p>Until 4.4, too, a page that was moved was mlocked no more: its last pte had become a migration entry. Source:
 * Linux 4.4 mm/migrate.c, remove_migration_pte().
 */
final class LastUnmapMlocking extends PteLockMlocking {
    static final String NAME = "last-unmap";
    static final String REPAIRED = "last-unmap-pte-lock";

    /** As of 4.4: both repairs. */
    private final boolean lazilyUnderPteLock;

    private LastUnmapMlocking(String name, MlockServices services, boolean lazilyUnderPteLock) {
        super(name, services);
        this.lazilyUnderPteLock = lazilyUnderPteLock;
    }

    static LastUnmapMlocking shipped(MlockServices services) {
        return new LastUnmapMlocking(NAME, services, false);
    }

    static LastUnmapMlocking repaired(MlockServices services) {
        return new LastUnmapMlocking(REPAIRED, services, true);
    }

    @Override
    public boolean mlockUnderPteLock(Cpu cpu, @Ref(Page.class) long page) {
        if (lazilyUnderPteLock) {
            pageMlock().mlock(cpu, page);
        }
        return lazilyUnderPteLock;
    }

    @Override
    public void migrated(Cpu cpu, @Ref(Page.class) long page) {
        if (lazilyUnderPteLock) {
            pageMlock().mlock(cpu, page);
        }
    }

    @Override
    public boolean clearsOnLastUnmap() {
        return true;
    }

    @Override
    public void lastUnmapped(Cpu cpu, @Ref(Page.class) long page) {
        if (Page.test(cpu, page, Page.PG_MLOCKED)) {
            pageMlock().clear(cpu, page);
        }
    }

    @Override
    public void truncated(Cpu cpu, @Ref(Page.class) long page) {
        // Unmapped before.
    }

    @Override
    public void freedMlocked(Cpu cpu, @Ref(Page.class) long page) {
        throw PageMlock.badFree(cpu, page);
    }
}
