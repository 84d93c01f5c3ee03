package kemu.mm.file;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.mem.PhysMem;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Sched;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.uapi.Errno;

/**
 * truncate_inode_pages, truncate_inode_pages_range: pages of a file with an end leave the page cache, whoever uses
 * them, and what they held is gone for good.
 *
 * <p>A page is referenced under the tree's lock, so that reclaim, which takes pages out only if nobody else refers to
 * them, does not free it before it is locked. While it is locked no fault maps it ({@link FilemapFault}), so what maps
 * it still goes once and for all. The page itself lives until the last reference is dropped, which may be that of
 * reclaim. Source: Linux 2.6.36 mm/truncate.c.
 */
public class TruncateInodePages {
    private final Machine machine;
    private final PageAllocator pages;
    private final PageLock pageLock;
    private final PageCache pageCache;
    private final MappedRanges mapped;

    /** Boot only. */
    public TruncateInodePages(
            Machine machine, PageAllocator pages, PageLock pageLock, PageCache pageCache, MappedRanges mapped) {
        this.machine = machine;
        this.pages = pages;
        this.pageLock = pageLock;
        this.pageCache = pageCache;
        this.mapped = mapped;
    }

    /**
     * All pages from {@code first} on, and their blocks. Context: i_mutex; the file ends before them already; may
     * sleep.
     */
    public final void truncate(Cpu cpu, @Ref(AddressSpace.class) long mapping, long first) {
        long index = first;
        // Ends: every round moves the index up.
        while (true) {
            long page = next(cpu, mapping, index);
            if (page == Cpu.NULL) {
                break;
            }
            index = Page.INDEX.get(cpu, page) + 1;
            lockAndTruncate(cpu, mapping, page);
            Sched.of(machine).condResched(cpu);
        }
        // What is read from here on is found beyond the end, and holds zero bytes: see PageCache.readpage.
        pageCache.disk().forget(cpu, mapping, first);
    }

    /** The first page at or above {@code index}, with a reference; NULL if there is none. */
    private long next(Cpu cpu, long mapping, long index) {
        long lock = AddressSpace.TREE_LOCK.of(mapping);
        long root = AddressSpace.PAGE_TREE.of(mapping);
        SpinLock.lockIrq(cpu, lock);
        long found = RadixTree.next(cpu, root, index);
        long page = found < 0 ? Cpu.NULL : RadixTree.lookup(cpu, root, found);
        if (page != Cpu.NULL) {
            found(cpu, page);
        }
        SpinLock.unlockIrq(cpu, lock);
        if (page != Cpu.NULL) {
            looked(cpu, page);
        }
        return page;
    }

    /** A page is in the tree. Context: tree lock, under which alone the cache's own reference goes. */
    protected void found(Cpu cpu, @Ref(Page.class) long page) {
        Page.get(cpu, page);
    }

    /** Nothing: without the tree's lock it is too late to take a reference. */
    protected void looked(Cpu cpu, @Ref(Page.class) long page) {}

    private void lockAndTruncate(Cpu cpu, long mapping, long page) {
        pageLock.lock(cpu, page);
        pageLock.waitOnWriteback(cpu, page);
        if (Page.MAPPING.readOnce(cpu, page) == mapping) {
            truncateInodePage(cpu, mapping, page);
        }
        pageLock.unlock(cpu, page);
        pages.putPage(cpu, page);
    }

    /** truncate_inode_page and truncate_complete_page. Context: page lock. */
    private void truncateInodePage(Cpu cpu, long mapping, long page) {
        if (Page.isMapped(cpu, page)) {
            long index = Page.INDEX.get(cpu, page);
            mapped.unmapMappingRange(cpu, mapping, index, index, false);
        }
        mapped.truncating(cpu, page);
        // After the last pte: none can pass its dirty bit to the page any more.
        pageCache.cancelDirty(cpu, page);
        pageCache.remove(cpu, page);
        pages.putPage(cpu, page);
    }

    /**
     * Pages {@code first} to {@code last} become a hole; 0, or -ENOMEM with some of them gone. Context: i_mutex, may
     * sleep.
     */
    public final int punch(Cpu cpu, @Ref(AddressSpace.class) long mapping, long first, long last) {
        int error = 0;
        for (long index = first; index <= last && error == 0; index++) {
            error = punchPage(cpu, mapping, index);
            Sched.of(machine).condResched(cpu);
        }
        return error;
    }

    private int punchPage(Cpu cpu, long mapping, long index) {
        boolean kept = Inode.keeps(cpu, AddressSpace.HOST.get(cpu, mapping), index);
        int error;
        // Ends: every further round means that somebody has read the page in meanwhile.
        do {
            long page = pageCache.find(cpu, mapping, index);
            if (page == Cpu.NULL) {
                error = pageCache.disk().punch(cpu, mapping, index, kept, Cpu.NULL);
            } else {
                error = punchCached(cpu, mapping, index, kept, page);
            }
        } while (error == Errno.EAGAIN);
        return error;
    }

    /** Drops the reference on the page. */
    private int punchCached(Cpu cpu, long mapping, long index, boolean kept, long page) {
        int error = Errno.EAGAIN;
        pageLock.lock(cpu, page);
        pageLock.waitOnWriteback(cpu, page);
        if (Page.MAPPING.readOnce(cpu, page) == mapping) {
            error = pageCache.disk().punch(cpu, mapping, index, kept, page);
            if (error == 0) {
                truncateInodePage(cpu, mapping, page);
            }
        }
        pageLock.unlock(cpu, page);
        pages.putPage(cpu, page);
        return error;
    }

    /**
     * block_truncate_page, truncate_partial_page: bytes [from, to) of page {@code index} become zero; 0 or -ENOMEM.
     * Context: i_mutex, may sleep.
     */
    public final int zero(Cpu cpu, @Ref(AddressSpace.class) long mapping, long index, int from, int to) {
        // Ends: a further round means that reclaim took the page meanwhile.
        while (true) {
            long page = pageCache.findOrRead(cpu, mapping, index);
            if (page == Cpu.NULL) {
                return Errno.ENOMEM;
            }
            pageLock.lock(cpu, page);
            boolean found = Page.MAPPING.readOnce(cpu, page) == mapping;
            if (found) {
                pageLock.waitOnWriteback(cpu, page);
                PageCache.zeroUser(cpu, pages.frameOf(page), from, Math.min(to, PhysMem.PAGE_SIZE));
                pageCache.setPageDirty(cpu, page);
            }
            pageLock.unlock(cpu, page);
            pages.putPage(cpu, page);
            if (found) {
                return 0;
            }
        }
    }
}
