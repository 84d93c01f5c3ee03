package kemu.mm.truncate.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.mm.file.MappedRanges;
import kemu.mm.file.PageCache;
import kemu.mm.file.TruncateInodePages;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.truncate.TruncateRules;

/**
 * A truncation refers to the page that it has found only when it has let go of the tree's lock: reclaim may have freed
 * it by then. file-truncate-reclaim convicts it.
 */
final class CachedRules implements TruncateRules {
    @Override
    public TruncateInodePages cached(
            Machine machine, PageAllocator pages, PageLock pageLock, PageCache pageCache, MappedRanges mapped) {
        return new TruncateInodePages(machine, pages, pageLock, pageCache, mapped) {
            @Override
            protected void found(Cpu cpu, long page) {
                // Later.
            }

            @Override
            protected void looked(Cpu cpu, long page) {
                Page.get(cpu, page);
            }
        };
    }
}
