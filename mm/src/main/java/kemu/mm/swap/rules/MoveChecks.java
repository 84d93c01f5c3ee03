package kemu.mm.swap.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Page;
import kemu.mm.swap.FoundPageChecks;
import kemu.mm.swap.Swap;

/** UFFDIO_MOVE with fewer tests. */
final class MoveChecks {
    private MoveChecks() {}

    /** A page that was found is tested, but not that none has come: the fix by half. <b>Known bad</b>. */
    static class FoundOnly implements FoundPageChecks {
        @Override
        public boolean movesWithout(Cpu cpu, Swap swap, long entry) {
            return true;
        }
    }

    /** That none has come is tested, but not a page that was found: the other half. <b>Known bad</b>. */
    static final class FoundUntested implements FoundPageChecks {
        @Override
        public boolean moves(Cpu cpu, @Ref(Page.class) long page, long entry) {
            return true;
        }
    }

    /** The pte is compared again, and nothing else: 6.8 to 6.15. <b>Known bad</b>; swap-uffd-move convicts all. */
    static final class PteOnly extends FoundOnly {
        @Override
        public boolean moves(Cpu cpu, @Ref(Page.class) long page, long entry) {
            return true;
        }
    }
}
