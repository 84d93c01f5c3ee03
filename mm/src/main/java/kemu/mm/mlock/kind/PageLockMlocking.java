package kemu.mm.mlock.kind;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.mlock.MlockServices;
import kemu.mm.mlock.Mlocking;
import kemu.mm.mlock.MunlockWalk;
import kemu.mm.mlock.PageMlock;
import kemu.mm.page.Page;
import kemu.mm.page.PageLock;

/**
 * PG_mlocked changes under the page lock. mlock() pins the page, drops the pte lock, locks the page, and may find it
 * unmapped by then. Truncation munlocks pages of the file only: a private copy is freed with PG_mlocked, which is
 * counted. Source: Linux 2.6.32 mm/mlock.c, __mlock_vma_pages_range(), munlock_vma_pages_range().
 */
class PageLockMlocking implements Mlocking {
    private final String name;
    private final PageMlock page;
    private final PageLock pageLock;

    PageLockMlocking(String name, MlockServices services) {
        this.name = name;
        page = new PageMlock(services);
        pageLock = services.pageLock();
    }

    final PageMlock pageMlock() {
        return page;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final void mapNew(Cpu cpu, @Ref(Page.class) long at) {
        page.mlockNew(cpu, at);
    }

    @Override
    public boolean mlockMapped(Cpu cpu, @Ref(Page.class) long at) {
        return false;
    }

    @Override
    public final void mlockPinned(Cpu cpu, @Ref(Page.class) long at) {
        // The page lock keeps a page of a file from being truncated; nothing keeps a private one mapped.
        if (Page.MAPPING.readOnce(cpu, at) != Cpu.NULL) {
            page.mlock(cpu, at);
        }
    }

    @Override
    public final void munlockPinned(Cpu cpu, @Ref(Page.class) long at, MunlockWalk walk) {
        if (Page.MAPPING.readOnce(cpu, at) != Cpu.NULL) {
            page.munlock(cpu, at, walk);
        }
    }

    @Override
    public final void mlockLazily(Cpu cpu, @Ref(Page.class) long at) {
        page.mlock(cpu, at);
    }

    @Override
    public final void copying(Cpu cpu, @Ref(Page.class) long at) {
        if (Page.test(cpu, at, Page.PG_MLOCKED)) {
            pageLock.lock(cpu, at);
            page.clear(cpu, at);
            pageLock.unlock(cpu, at);
        }
    }

    @Override
    public void truncated(Cpu cpu, @Ref(Page.class) long at) {
        page.clear(cpu, at);
    }

    @Override
    public void freedMlocked(Cpu cpu, @Ref(Page.class) long at) {
        page.countFreed(cpu);
    }
}
