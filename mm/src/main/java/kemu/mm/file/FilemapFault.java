package kemu.mm.file;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;

/**
 * filemap_fault for files with an end: the page that a fault is about, locked, so that no truncation is through with it
 * before it is mapped.
 *
 * <p>Two looks under the page lock make that so. A page that is not the file's any more was truncated between lookup
 * and lock: look again. A page that is the file's and lies beyond its end was read in after the truncation had passed,
 * by a fault that had seen the old size: nobody removes it any more, so it must not be mapped. Source: Linux 2.6.36
 * mm/filemap.c; before 2.6.23 faults counted truncations instead (truncate_count).
 */
public class FilemapFault {
    /** VM_FAULT_SIGBUS: the page lies beyond the end of the file. */
    public static final long SIGBUS = 2;
    /** VM_FAULT_MAJOR: a bit of the answer, if the page was read from disk. */
    public static final long MAJOR = 1;

    private final VmStat vmStat;
    private final PageCache pageCache;
    private final PageLock pageLock;
    private final PageAllocator pages;

    /** Boot only. */
    public FilemapFault(VmStat vmStat, PageCache pageCache, PageLock pageLock, PageAllocator pages) {
        this.vmStat = vmStat;
        this.pageCache = pageCache;
        this.pageLock = pageLock;
        this.pages = pages;
    }

    /**
     * Page {@code index}, up to date, locked, with a reference, and perhaps with {@link #MAJOR}; or {@link #SIGBUS}; or
     * NULL if memory is out. Context: may sleep; the file has an end.
     */
    public final long fault(Cpu cpu, @Ref(AddressSpace.class) long mapping, long index) {
        long host = AddressSpace.HOST.get(cpu, mapping);
        long major = 0;
        // Ends: every further round means that the page was truncated meanwhile.
        while (!Inode.beyondEnd(cpu, host, index)) {
            long page = pageCache.find(cpu, mapping, index);
            if (page == Cpu.NULL || !Page.test(cpu, page, Page.PG_UPTODATE)) {
                if (page != Cpu.NULL) {
                    pages.putPage(cpu, page);
                }
                major = MAJOR;
                vmStat.inc(cpu, VmStatItem.PGMAJFAULT);
                page = pageCache.findOrRead(cpu, mapping, index);
                if (page == Cpu.NULL) {
                    return Cpu.NULL;
                }
            }
            pageLock.lock(cpu, page);
            if (truncated(cpu, mapping, page)) {
                release(cpu, page);
                continue;
            }
            if (beyondEnd(cpu, host, index)) {
                release(cpu, page);
                return SIGBUS;
            }
            return page | major;
        }
        return SIGBUS;
    }

    /** Unlocks a page that {@link #fault} returned, without {@link #MAJOR}, and drops the reference. */
    public final void release(Cpu cpu, @Ref(Page.class) long page) {
        pageLock.unlock(cpu, page);
        pages.putPage(cpu, page);
    }

    /** True if the page has left the file. Context: page lock. */
    protected boolean truncated(Cpu cpu, @Ref(AddressSpace.class) long mapping, @Ref(Page.class) long page) {
        return Page.MAPPING.readOnce(cpu, page) != mapping;
    }

    /** True if the file has become too short for the page. Context: page lock. */
    protected boolean beyondEnd(Cpu cpu, @Ref(Inode.class) long host, long index) {
        return Inode.beyondEnd(cpu, host, index);
    }
}
