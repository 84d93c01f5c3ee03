package kemu.mm.truncate.rules;

import kemu.hw.cpu.Cpu;
import kemu.mm.file.FilemapFault;
import kemu.mm.file.PageCache;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStat;
import kemu.mm.truncate.TruncateRules;

/** Faults that leave out one look under the page lock; file-truncate-fault convicts both. */
final class FaultRules {
    private FaultRules() {}

    /** The page is mapped though it may have been truncated between lookup and lock. */
    static final class MappingNotChecked implements TruncateRules {
        @Override
        public FilemapFault fault(VmStat vmStat, PageCache pageCache, PageLock pageLock, PageAllocator pages) {
            return new FilemapFault(vmStat, pageCache, pageLock, pages) {
                @Override
                protected boolean truncated(Cpu cpu, long mapping, long page) {
                    return false;
                }
            };
        }
    }

    /** The end of the file is looked at before the page is looked up only. */
    static final class SizeNotChecked implements TruncateRules {
        @Override
        public FilemapFault fault(VmStat vmStat, PageCache pageCache, PageLock pageLock, PageAllocator pages) {
            return new FilemapFault(vmStat, pageCache, pageLock, pages) {
                @Override
                protected boolean beyondEnd(Cpu cpu, long host, long index) {
                    return false;
                }
            };
        }
    }
}
