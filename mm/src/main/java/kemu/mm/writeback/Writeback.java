package kemu.mm.writeback;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.kernel.task.Sched;
import kemu.mm.file.AddressSpace;
import kemu.mm.file.PageCache;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.rmap.PageMkclean;
import kemu.mm.uapi.Errno;

/**
 * fsync: what was stored to a file before the call is on disk when it returns. Whether a page was stored to is asked of
 * its ptes, whatever its flag says: a store through a pte that is writable already sets no flag. Source: Linux 2.6.36
 * mm/page-writeback.c, write_cache_pages(), clear_page_dirty_for_io().
 */
public final class Writeback {
    private final Machine machine;
    private final PageAllocator pages;
    private final PageLock pageLock;
    private final PageCache pageCache;
    private final PageMkclean mkclean;

    /** Boot only. */
    public Writeback(
            Machine machine, PageAllocator pages, PageLock pageLock, PageCache pageCache, PageMkclean mkclean) {
        this.machine = machine;
        this.pages = pages;
        this.pageLock = pageLock;
        this.pageCache = pageCache;
        this.mkclean = mkclean;
    }

    /** fsync: 0, or -ENOSPC if the disk is full. Context: may sleep. */
    public int fsync(Cpu cpu, @Ref(AddressSpace.class) long mapping) {
        int error = 0;
        long page = PageCache.next(cpu, mapping, 0);
        // Ends: every round moves the index up.
        while (page != Cpu.NULL) {
            long index = Page.INDEX.get(cpu, page);
            if (!write(cpu, mapping, page)) {
                error = Errno.ENOSPC;
            }
            pages.putPage(cpu, page);
            Sched.of(machine).condResched(cpu);
            page = PageCache.next(cpu, mapping, index + 1);
        }
        return error;
    }

    private boolean write(Cpu cpu, long mapping, long page) {
        pageLock.lock(cpu, page);
        pageLock.waitOnWriteback(cpu, page);
        if (Page.MAPPING.readOnce(cpu, page) != mapping) {
            // Truncated: there is nothing to be kept.
            pageLock.unlock(cpu, page);
            return true;
        }
        if (Page.isMapped(cpu, page) && mkclean.pageMkclean(cpu, page)) {
            pageCache.setPageDirty(cpu, page);
        }
        return pageCache.writepage(cpu, page);
    }
}
