package kemu.mm.truncate;

import kemu.hw.machine.Machine;
import kemu.mm.file.FilemapFault;
import kemu.mm.file.MappedRanges;
import kemu.mm.file.PageCache;
import kemu.mm.file.TruncateInodePages;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStat;

/** By which steps faults and truncation of one file keep out of each other's way. The methods are the kernel's own. */
public interface TruncateRules {
    /** What faults do. Boot only. */
    default FilemapFault fault(VmStat vmStat, PageCache pageCache, PageLock pageLock, PageAllocator pages) {
        return new FilemapFault(vmStat, pageCache, pageLock, pages);
    }

    /** What becomes of cached pages. Boot only. */
    default TruncateInodePages cached(
            Machine machine, PageAllocator pages, PageLock pageLock, PageCache pageCache, MappedRanges mapped) {
        return new TruncateInodePages(machine, pages, pageLock, pageCache, mapped);
    }

    /** The order of the steps of a truncation. Boot only. */
    default TruncatePagecache passes(MappedRanges mapped, TruncateInodePages cached) {
        return new TruncatePagecache(mapped, cached);
    }
}
