package kemu.mm.mlock.kind;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.mlock.MlockServices;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.PageLock;

/**
 * mlock() mlocks a page where it is surely mapped: under the pte lock, if the page lock is to be had at once; else it
 * leaves the page to reclaim. Source: Linux 2.6.38 mm/memory.c, follow_page() with FOLL_MLOCK, 110d74a921f4.
 */
class PteLockMlocking extends PageLockMlocking {
    static final String NAME = "pte-lock";

    private final PageLock pageLock;
    private final Lru lru;

    PteLockMlocking(String name, MlockServices services) {
        super(name, services);
        pageLock = services.pageLock();
        lru = services.lru();
    }

    @Override
    public final boolean mlockMapped(Cpu cpu, @Ref(Page.class) long page) {
        if (Page.MAPPING.readOnce(cpu, page) != Cpu.NULL && pageLock.tryLock(cpu, page)) {
            lru.drain(cpu);
            if (Page.MAPPING.readOnce(cpu, page) != Cpu.NULL) {
                pageMlock().mlock(cpu, page);
            }
            pageLock.unlock(cpu, page);
        }
        return true;
    }
}
