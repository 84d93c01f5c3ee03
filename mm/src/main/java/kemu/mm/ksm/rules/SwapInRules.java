package kemu.mm.ksm.rules;

import kemu.hw.cpu.Cpu;
import kemu.mm.ksm.KsmRules;
import kemu.mm.page.Page;
import kemu.mm.rmap.MergedPages;

/** Other ways to decide at swap-in whether a cached page must be copied; {@code rmap-ksm-copy} convicts them. */
final class SwapInRules {
    private SwapInRules() {}

    /**
     * The anon_vmas themselves are compared, not their roots. Right as long as parent and children have one; from
     * 2.6.34, where they have not, until their roots were compared in 2.6.36, what they share is copied in vain.
     */
    static final class ByAnonVma extends KsmRules {
        @Override
        protected boolean isOfTree(Cpu cpu, long pages, long own) {
            return pages == own;
        }
    }

    /** A page of the same tree is mapped wherever it is wanted. */
    static final class NotByIndex extends KsmRules {
        @Override
        protected boolean isOfAddress(Cpu cpu, long page, long vma, long address) {
            return true;
        }
    }

    /**
     * 2.6.36, and what the mapping of a page says that nobody maps is forgotten: its anon_vma may be gone. Nobody else
     * maps it now, since that takes the page lock. The one set here that is better than 2.6.36, see
     * {@code rmap-ksm-stale}.
     */
    static final class SetsMappingAnew extends KsmRules {
        @Override
        public boolean needsCopy(Cpu cpu, long page, long vma, long address) {
            if (!Page.isMapped(cpu, page) && !MergedPages.isMerged(cpu, page)) {
                Page.MAPPING.writeOnce(cpu, page, 0);
                return false;
            }
            return super.needsCopy(cpu, page, vma, address);
        }
    }

    /** The cached page is unlocked as soon as it is copied. Linux 2.6.33 to 2.6.36-rc3. */
    static final class UnlocksCached extends KsmRules {
        @Override
        public boolean keepsCachedLocked() {
            return false;
        }
    }

    /** The page of the cache is mapped by whoever has its entry, as if pages were never merged. */
    static final class Never extends KsmRules {
        @Override
        public boolean needsCopy(Cpu cpu, long page, long vma, long address) {
            return false;
        }
    }
}
